package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Origin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** A connection to a {@link MockTransport}: a task reads the request and answers it. */
final class MockConnection implements ClientConnection, SilenceWatch.Watched {
  private final Origin origin;
  private final MockTransport transport;
  private final EventLoop loop;
  private final Pool pool;
  private final RequestFields fields;
  private final SilenceWatch silence;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private @Nullable Exchange current;
  private @Nullable Task<?> answering;
  private @Nullable Future<@Nullable Void> bodyEnd;
  private @Nullable Future<@Nullable Void> room;
  private @Nullable Throwable failure;
  private boolean usable = true;
  private boolean reused;
  private long idleSinceNanos;

  MockConnection(
      Origin origin,
      MockTransport transport,
      EventLoop loop,
      Pool pool,
      HttpClientBuilder settings) {
    this.origin = origin;
    this.transport = transport;
    this.loop = loop;
    this.pool = pool;
    fields = new RequestFields(origin, settings, null);
    silence = new SilenceWatch(this, pool);
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public boolean usable() {
    return usable && current == null;
  }

  @Override
  public boolean reused() {
    return reused;
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public boolean idle() {
    return current == null;
  }

  @Override
  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  @Override
  public void markIdle(long nowNanos) {
    idleSinceNanos = nowNanos;
  }

  @Override
  public @Nullable Exchange current() {
    return current;
  }

  @Override
  public void silent(HttpException.TimedOut error) {
    close(error);
  }

  // ---- the request

  @Override
  @Suspends
  public <T> T exchange(Exchange exchange, Future<T> outcome) {
    current = exchange;
    failure = null;
    body.reset();
    exchange.markSent();
    Upload upload = exchange.upload();
    if (upload != null) {
      bodyEnd = loop.createFuture();
      upload.headSent();
    } else {
      silence.awaitResponse();
    }
    answering = Asyncio.createTask(() -> answer(exchange), "MockTransport");
    try {
      return outcome.await();
    } catch (HttpException e) {
      throw failure == null ? e : rethrown(failure);
    } finally {
      if (!outcome.done() || outcome.cancelled()) {
        leave(exchange);
      }
    }
  }

  /** What the handler has thrown, as it is. */
  private static HttpException rethrown(Throwable thrown) {
    return MockConnection.<RuntimeException>sneaky(thrown);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // checked ones pass unseen
  private static <X extends Throwable> HttpException sneaky(Throwable thrown) throws X {
    throw (X) thrown;
  }

  @Override
  public void writeBody(Exchange exchange, byte[] bytes) {
    Upload upload = exchange.upload();
    if (exchange == current && upload != null) {
      body.writeBytes(bytes);
      loop.callSoon(() -> upload.sink().sent(bytes.length));
    }
  }

  @Override
  public void endBody(Exchange exchange) {
    if (exchange == current && bodyEnd != null && !bodyEnd.done()) {
      bodyEnd.setResult(null);
      silence.awaitResponse();
    }
  }

  // ---- the response

  @Suspends
  private void answer(Exchange exchange) {
    try {
      deliver(exchange, transport.answer(request(exchange)));
    } catch (CancelledError e) {
      throw e;
    } catch (HttpException e) {
      close(e);
    } catch (ConnectException | UnknownHostException e) {
      close(new HttpException.ConnectFailed("cannot connect to " + origin + ": " + e, e));
    } catch (IOException e) {
      close(new HttpException.Disconnected(exchange + ": " + e, e));
    } catch (Throwable e) {
      failure = e;
      close(new HttpException.Disconnected("the handler of the MockTransport failed: " + e, e));
    }
  }

  @Suspends
  private MockTransport.Request request(Exchange exchange) {
    if (bodyEnd != null) {
      bodyEnd.await();
      bodyEnd = null;
    }
    byte[] sent =
        exchange.request().body() instanceof BytesBody bytes ? bytes.bytes : body.toByteArray();
    return new MockTransport.Request(
        exchange.request().method(),
        exchange.asked().text(),
        Headers.NETTY.headers(fields.of(exchange)),
        sent.clone());
  }

  @Suspends
  private void deliver(Exchange exchange, MockTransport.Response response) {
    if (exchange != current) {
      return;
    }
    long length = response.chunks().stream().mapToLong(chunk -> chunk.length).sum();
    exchange.markAnswered("HTTP/1.1");
    silence.awaitBody();
    exchange.onHead(response.status(), response.headers(), length);
    if (!exchange.bodiless(response.status())) {
      for (byte[] chunk : response.chunks()) {
        awaitRoom(exchange);
        if (exchange != current) {
          return;
        }
        ByteBuf piece = Unpooled.wrappedBuffer(chunk);
        exchange.onChunk(piece);
        silence.awaitBody();
      }
    }
    silence.stop();
    current = null;
    reused = true;
    exchange.onEnd();
  }

  /** A reader who is slow is waited for. */
  @Suspends
  private void awaitRoom(Exchange exchange) {
    while (exchange == current && exchange.full()) {
      silence.stop();
      Future<@Nullable Void> next = loop.createFuture();
      room = next;
      next.await();
    }
  }

  @Override
  public void resumeReading(Exchange exchange) {
    Future<@Nullable Void> waiting = room;
    if (exchange == current && waiting != null) {
      room = null;
      waiting.setResult(null);
    }
  }

  // ---- the end

  @Override
  public void leave(Exchange exchange) {
    if (exchange == current) {
      discard();
    }
  }

  @Override
  public void abort(Exchange exchange, HttpException error) {
    if (exchange == current) {
      close(error);
    }
  }

  @Override
  public void close(HttpException error) {
    Exchange exchange = current;
    discard();
    if (exchange != null) {
      exchange.onError(error);
    }
  }

  @Override
  public void discard() {
    Exchange exchange = current;
    current = null;
    usable = false;
    silence.stop();
    if (exchange != null && exchange.upload() != null) {
      exchange
          .upload()
          .sink()
          .fail(new HttpException.Disconnected("the exchange has ended: " + exchange, null));
    }
    if (answering != null && answering != loop.currentTask()) {
      answering.cancel();
    }
    pool.ended(this);
  }
}
