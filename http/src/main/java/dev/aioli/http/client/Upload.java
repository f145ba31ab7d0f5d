package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.TimerHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A request body on its way: the task that writes it, and where it stands. */
final class Upload {
  /** A server that has not asked for the body by then may never do so (RFC 9110, 10.1.1). */
  private static final Duration CONTINUE_WAIT = Duration.ofSeconds(1);

  private final EventLoop loop;
  private final Exchange exchange;
  private final RequestBody body;
  private final long length;
  private final BodySink sink;
  private final Future<@Nullable Void> wanted;
  private @Nullable ClientConnection connection;
  private @Nullable Task<@Nullable Void> writing;
  private @Nullable TimerHandle patience;
  private boolean complete;

  Upload(EventLoop loop, Exchange exchange, RequestBody body, long length) {
    this.loop = loop;
    this.exchange = exchange;
    this.body = body;
    this.length = length;
    sink = new BodySink(loop, this, length);
    wanted = loop.createFuture();
  }

  /** The length of the body in bytes; negative if it is not known. */
  long length() {
    return length;
  }

  /** Whether all of it has been handed to the connection. */
  boolean complete() {
    return complete;
  }

  BodySink sink() {
    return sink;
  }

  /** Makes the task that will write, once the head is sent. In a task. */
  void start(ClientConnection target) {
    connection = target;
    writing = loop.createTask(() -> write());
  }

  /** The head has been sent. On the loop's thread. */
  void headSent() {
    if (exchange.request().expectsContinue()) {
      patience = loop.callLater(CONTINUE_WAIT, this::proceed);
    } else {
      proceed();
    }
  }

  /** The server wants the body. On the loop's thread. */
  void proceed() {
    if (!wanted.done()) {
      wanted.setResult(null);
    }
  }

  @Suspends
  private void write() {
    try {
      wanted.await();
      if (length == 0) {
        end();
      }
      body.writeTo(sink);
      if (length >= 0 && sink.written() < length) {
        throw new HttpException.BodyFailed(
            "expected a body of " + length + " bytes, it ended after " + sink.written(), null);
      }
      if (!complete) {
        end();
      }
    } catch (HttpException.Disconnected e) {
      // The connection tells the exchange itself, and there may be a response.
    } catch (Exception e) {
      fail(e);
    }
  }

  private void fail(Exception e) {
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    if (connection != null) {
      connection.abort(
          exchange,
          e instanceof HttpException.BodyFailed failed
              ? failed
              : new HttpException.BodyFailed(
                  "the body of the request failed (" + cause + "): " + exchange, cause));
    }
  }

  private void end() {
    complete = true;
    if (connection != null) {
      connection.endBody(exchange);
    }
  }

  /** Hands a piece to the connection. In the writing task. */
  void write(byte[] bytes, boolean last) {
    if (connection != null) {
      connection.writeBody(exchange, bytes);
    }
    if (last) {
      end();
    }
  }

  /** Stops the writer if it has not got to the end. Does not suspend. Idempotent. */
  void cancel() {
    if (patience != null) {
      patience.cancel();
    }
    if (writing != null && !complete) {
      writing.cancel();
    }
  }

  /** Stops the writer if it has not got to the end, and waits until it has cleaned up. */
  @Suspends
  void finish() {
    cancel();
    Task<@Nullable Void> task = writing;
    if (task != null && !task.done()) {
      Asyncio.await(List.of(task)); // its failures have gone to the exchange
    }
  }

  @Override
  public String toString() {
    return exchange.toString();
  }
}
