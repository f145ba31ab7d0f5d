package dev.aioli.http.server;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** TLS for servers, by the JDK's implementation. */
final class ServerTls {
  private ServerTls() {}

  static SslContext of(SSLContext context) {
    return new JdkSslContext(
        context,
        false,
        null,
        IdentityCipherSuiteFilter.INSTANCE,
        ApplicationProtocolConfig.DISABLED,
        ClientAuth.NONE,
        null,
        false);
  }

  static SslContext of(Path certificates, Path key) {
    try {
      return SslContextBuilder.forServer(certificates.toFile(), key.toFile())
          .sslProvider(SslProvider.JDK)
          .build();
    } catch (SSLException | IllegalArgumentException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(
          "expected PEM files with certificates and a PKCS#8 key, found "
              + certificates
              + " and "
              + key
              + ": "
              + reason.getMessage(),
          e);
    }
  }
}
