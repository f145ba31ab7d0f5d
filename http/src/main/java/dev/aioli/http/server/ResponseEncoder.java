package dev.aioli.http.server;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Netty's encoder of responses, told which ones answer HEAD: those have no body. */
final class ResponseEncoder extends HttpResponseEncoder {
  private boolean head;

  /** Says, before a response is written, whether it answers HEAD. */
  void answersHead(boolean nextAnswersHead) {
    head = nextAnswersHead;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return head || super.isContentAlwaysEmpty(response);
  }
}
