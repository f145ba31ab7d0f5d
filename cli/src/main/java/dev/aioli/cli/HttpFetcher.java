package dev.aioli.cli;

import java.io.IOException;

/** Stub. */
final class HttpFetcher implements Fetcher {
  HttpFetcher(int limit) {}

  @Override
  public Response fetch(FetchRequest request) throws IOException {
    throw new IOException("not there yet");
  }

  @Override
  public void close() {}
}
