package dev.aioli.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Stream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Http2GuardTest {
  private static final int STREAM = 1;

  private final List<String> failures = new ArrayList<>();
  private final ByteBuf data = Unpooled.wrappedBuffer(new byte[10]);

  static Stream<Method> callbacks() {
    return Stream.of(Http2FrameListener.class, Http2Connection.Listener.class)
        .flatMap(type -> Stream.of(type.getMethods()));
  }

  private Http2Guard guard(Throwable thrown) {
    var listener =
        (Http2Codec.Listener)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Http2Codec.Listener.class},
                (proxy, method, arguments) -> {
                  throw thrown;
                });
    return new Http2Guard(
        listener, (stream, cause) -> failures.add(stream + " " + cause.getMessage()), stream -> {});
  }

  private Object call(Http2Guard guard, Method callback) throws Throwable {
    Object[] arguments = new Object[callback.getParameterCount()];
    Parameter[] parameters = callback.getParameters();
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = argument(parameters[i].getType());
    }
    try {
      return callback.invoke(guard, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Object argument(Class<?> type) throws Http2Exception {
    if (type == int.class) {
      return STREAM;
    } else if (type == long.class) {
      return 1L;
    } else if (type == short.class) {
      return (short) 1;
    } else if (type == byte.class) {
      return (byte) 1;
    } else if (type == boolean.class) {
      return false;
    } else if (type == ByteBuf.class) {
      return data;
    } else if (type == Http2Stream.class) {
      return new DefaultHttp2Connection(true).remote().createStream(STREAM, false);
    }
    return null;
  }

  @ParameterizedTest
  @MethodSource("callbacks")
  void noExceptionLeavesAListener(Method callback) throws Throwable {
    Object result = call(guard(new IllegalStateException("on purpose")), callback);
    assertThat(failures).singleElement().asString().matches("[01] on purpose");
    if (callback.getName().equals("onDataRead")) {
      assertThat(result).isEqualTo(10 + 1); // or the connection's window would shrink
    }
  }

  @ParameterizedTest
  @MethodSource("callbacks")
  void noErrorLeavesAListenerEither(Method callback) throws Throwable {
    call(guard(new AssertionError("on purpose")), callback);
    assertThat(failures).hasSize(1);
  }

  @Test
  void whatNamesAnErrorOfTheProtocolGetsThrough() {
    Http2Exception error = Http2Exception.streamError(STREAM, Http2Error.CANCEL, "meant");
    assertThatThrownBy(() -> guard(error).onRstStreamRead(null, STREAM, 0)).isSameAs(error);
    assertThat(failures).isEmpty();
  }
}
