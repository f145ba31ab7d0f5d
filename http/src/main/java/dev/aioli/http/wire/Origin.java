package dev.aioli.http.wire;

/**
 * With whom a connection is shared: connections of equal origins are interchangeable.
 *
 * @param secure whether it is spoken to through TLS
 * @param host a name or an address in digits, without brackets, in lower case
 * @param port the port
 */
public record Origin(boolean secure, String host, int port) {
  /** What goes into the Host field: without the port where it is the scheme's own. */
  public String authority() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (secure ? 443 : 80) ? name : name + ":" + port;
  }

  @Override
  public String toString() {
    return (secure ? "https://" : "http://") + authority();
  }
}
