package dev.aioli.http.client;

/** When an {@link HttpClient} speaks HTTP/2: {@link HttpClientBuilder#http2}. */
public enum Http2 {
  /** Never. */
  OFF,

  /**
   * With https servers that choose it during the TLS handshake (ALPN); with all others HTTP/1.1.
   */
  NEGOTIATE,

  /**
   * As {@link #NEGOTIATE} for https; for http without asking, so that servers that speak HTTP/1.1
   * only cannot be reached. Through a proxy that reads the requests, http stays HTTP/1.1.
   */
  PRIOR_KNOWLEDGE
}
