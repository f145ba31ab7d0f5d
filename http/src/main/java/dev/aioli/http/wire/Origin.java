package dev.aioli.http.wire;

/**
 * With whom a connection is shared: connections of equal origins are interchangeable.
 *
 * @param secure whether it is spoken to through TLS
 * @param host a name or an address in digits, without brackets, in lower case; with the zone of a
 *     device if it has one
 * @param port the port
 */
public record Origin(boolean secure, String host, int port) {
  /**
   * What goes into the Host field: without the port where it is the scheme's own, and without a
   * zone, which means nothing to anybody else (RFC 6874, 1).
   */
  public String authority() {
    return port == (secure ? 443 : 80) ? name() : hostAndPort();
  }

  /** As {@link #authority}, always with the port: what a proxy is asked to connect to. */
  public String hostAndPort() {
    return name() + ":" + port;
  }

  private String name() {
    int zone = host.indexOf('%');
    String address = zone < 0 ? host : host.substring(0, zone);
    return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
  }

  @Override
  public String toString() {
    return (secure ? "https://" : "http://") + authority();
  }
}
