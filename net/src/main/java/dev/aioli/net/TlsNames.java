package dev.aioli.net;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/**
 * Names of servers as TLS sees them. The JDK tells a server its name only if that has a dot, and
 * knows no underscores, which names in the nets of containers have.
 */
final class TlsNames {
  private static final int DNS_NAME = 2;

  private TlsNames() {}

  /** What is told the server; null if the host is none or an address, which are not told. */
  static @Nullable String serverName(@Nullable String host) {
    if (host == null || NetUtil.createByteArrayFromIpAddressString(host) != null) {
      return null;
    }
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    boolean ascii = name.chars().allMatch(c -> c < 0x80);
    return name.isEmpty() || !ascii || name.indexOf(':') >= 0 ? null : name;
  }

  /** A name as the engine takes it: {@link javax.net.ssl.SNIHostName} takes no underscores. */
  static List<SNIServerName> indication(String name) {
    return List.of(new PlainName(name.getBytes(StandardCharsets.US_ASCII)));
  }

  private static final class PlainName extends SNIServerName {
    PlainName(byte[] encoded) {
      super(StandardConstants.SNI_HOST_NAME, encoded);
    }
  }

  /** Whether the JDK can compare it with those of a certificate. */
  static boolean knownToTheJdk(String name) {
    return name.indexOf('_') < 0;
  }

  /**
   * Checks that the certificate of a peer is for a name, as RFC 9525, 6.3 has it.
   *
   * @throws SSLException if it is not
   */
  static void check(SSLSession session, String name) throws SSLException {
    X509Certificate certificate = (X509Certificate) session.getPeerCertificates()[0];
    Collection<List<?>> names;
    try {
      names = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException e) {
      throw new SSLException("expected a certificate with readable names", e);
    }
    boolean found =
        names != null
            && names.stream()
                .anyMatch(entry ->
                    Integer.valueOf(DNS_NAME).equals(entry.get(0))
                        && matches(String.valueOf(entry.get(1)), name));
    if (!found) {
      throw new SSLPeerUnverifiedException(
          "expected a certificate for " + name + ", found one for " + names);
    }
  }

  /** Whether a name of a certificate, which may begin with {@code *.}, covers another. */
  static boolean matches(String pattern, String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    String given = pattern.toLowerCase(Locale.ROOT);
    if (!given.startsWith("*.")) {
      return given.equals(wanted);
    }
    int dot = wanted.indexOf('.');
    // One label, and not all of a top-level domain.
    return dot > 0 && given.indexOf('.', 2) > 0 && given.substring(1).equals(wanted.substring(dot));
  }
}
