package dev.aioli.cli;

import static dev.aioli.Asyncio.sleep;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Answers as a test wants it, and keeps a record. It calls http://h/a just "a". */
final class FakeFetcher implements Fetcher {
  static final String HOST = "http://h/";

  final List<String> asked = new ArrayList<>();
  int inFlight;
  int mostInFlight;
  private final Answer answer;

  /** What to do about a request. */
  interface Answer {
    Response to(String url) throws IOException;
  }

  FakeFetcher(Answer answer) {
    this.answer = answer;
  }

  /** Answers 200 to all, after giving others a turn. */
  static FakeFetcher ok() {
    return new FakeFetcher(url -> {
      sleep(Duration.ZERO);
      return new Response(200, url.length());
    });
  }

  @Override
  public Response fetch(FetchRequest request) throws IOException {
    String name = request.url().replace(HOST, "");
    asked.add(name);
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
    try {
      return answer.to(name);
    } finally {
      inFlight--;
    }
  }

  @Override
  public void close() {}
}
