package dev.aioli.cli;

import dev.aioli.http.Headers;
import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpClientBuilder;
import dev.aioli.http.client.HttpException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How URLs are asked for. */
final class RequestOptions {
  private static final int MAX_REDIRECTS = 10;

  @Option(
      names = {"-X", "--method"},
      paramLabel = "METHOD",
      order = 1,
      converter = Converters.Method.class,
      description = "GET, POST... (default: GET, or POST with a body).")
  @Nullable String method;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "'NAME: VALUE'",
      order = 2,
      converter = Converters.Field.class,
      description = "Send this header field; may be given many times.")
  List<HeaderField> headers = new ArrayList<>();

  @Option(
      names = {"-d", "--data"},
      paramLabel = "TEXT",
      order = 3,
      description = {
        "Send this body, or what is in a file (@FILE) or comes from stdin (@-); as a form, if no"
            + " header says otherwise."
      })
  @Nullable String data;

  @Option(
      names = "--json",
      paramLabel = "JSON",
      order = 4,
      description = "Send this body (or @FILE, @-) as JSON, and ask for JSON.")
  @Nullable String json;

  @Option(
      names = {"-A", "--user-agent"},
      paramLabel = "TEXT",
      order = 5,
      description = "What to call itself (default: aioli/ and its version).")
  String userAgent = "aioli/" + VersionCommand.version();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      order = 6,
      converter = Converters.Seconds.class,
      description = "Give up on a request after that time, such as 0.5 (default: 30).")
  Duration timeout = Duration.ofSeconds(30);

  @Option(
      names = "--connect-timeout",
      paramLabel = "SECONDS",
      order = 7,
      converter = Converters.Seconds.class,
      description = "Give up on connecting after that time (default: as --timeout).")
  @Nullable Duration connectTimeout;

  @Option(
      names = "--max-redirects",
      paramLabel = "N",
      order = 8,
      converter = Converters.NotNegative.class,
      description = "Follow at most N redirects (default: 10).")
  @Nullable Integer maxRedirects;

  @Option(names = "--no-redirects", order = 9, description = "Follow none: they are results.")
  boolean noRedirects;

  @Option(
      names = "--proxy",
      paramLabel = "URL",
      order = 10,
      description = {
        "Ask through http://[USER:PASSWORD@]HOST:PORT, https:// or socks5:// (default: as the"
            + " environment says, as for curl)."
      })
  @Nullable String proxy;

  @Option(
      names = {"-k", "--insecure"},
      order = 11,
      description = "Trust any certificate: anyone on the way can read and change what is sent.")
  boolean insecure;

  @Option(
      names = "--http2",
      order = 12,
      description = {
        "Speak HTTP/2 with https servers that can: all requests to one share a connection"
            + " (default: HTTP/1.1)."
      })
  boolean http2;

  @Option(
      names = "--max-body",
      paramLabel = "BYTES",
      order = 13,
      converter = Converters.Size.class,
      description = {
        "A longer body is a failure (default: 16M with --body, else any length). 64K, 10M and 1G"
            + " are understood."
      })
  @Nullable Long maxBody;

  /**
   * All of a request but its URL.
   *
   * @throws IllegalArgumentException if the options make no sense: says why
   */
  RequestTemplate template() {
    if (data != null && json != null) {
      throw new IllegalArgumentException("expected one of --data and --json, found both");
    }
    byte[] body = null;
    Headers all = Headers.EMPTY;
    for (HeaderField field : headers) {
      all = all.with(field.name(), field.value());
    }
    if (data != null) {
      body = BodyArgument.read("--data", data);
      all = withDefault(all, "Content-Type", "application/x-www-form-urlencoded");
    } else if (json != null) {
      body = BodyArgument.readJson("--json", json);
      all = withDefault(all, "Content-Type", "application/json");
      all = withDefault(all, "Accept", "application/json");
    }
    all = withDefault(all, "User-Agent", RequestChecks.field("User-Agent", userAgent).value());
    return new RequestTemplate(method != null ? method : body != null ? "POST" : "GET", all, body);
  }

  private static Headers withDefault(Headers headers, String name, String value) {
    return headers.contains(name) ? headers : headers.with(name, value);
  }

  /**
   * Settings of a client.
   *
   * @param proxied whether requests go through the proxy
   * @param decompress whether to ask for compressed bodies
   * @throws IllegalArgumentException if the options make no sense: says why
   */
  HttpClientBuilder client(int limit, boolean proxied, boolean decompress) {
    if (noRedirects && maxRedirects != null) {
      throw new IllegalArgumentException(
          "expected one of --no-redirects and --max-redirects, found both");
    }
    HttpClientBuilder client =
        HttpClient.builder()
            .limit(limit)
            .connectTimeout(connectTimeout == null ? timeout : connectTimeout)
            .timeout(null)
            .cookies(false)
            .decompress(decompress)
            .maxRedirects(noRedirects ? 0 : maxRedirects == null ? MAX_REDIRECTS : maxRedirects);
    if (insecure) {
      client.insecure();
    }
    if (http2) {
      client.http2(Http2.NEGOTIATE);
    }
    return proxied ? withProxy(client) : client;
  }

  /** A wrong one of the environment fails the requests that would use it, and no others. */
  private HttpClientBuilder withProxy(HttpClientBuilder client) {
    if (proxy == null) {
      return client.proxyFromEnvironment();
    }
    try {
      return client.proxy(proxy);
    } catch (HttpException.InvalidUrl e) {
      throw new IllegalArgumentException("--proxy: " + e.getMessage(), e);
    }
  }

  /** Whether the body comes from stdin. */
  boolean readsStdin() {
    return BodyArgument.STDIN.equals(data) || BodyArgument.STDIN.equals(json);
  }
}
