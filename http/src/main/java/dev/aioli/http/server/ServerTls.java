package dev.aioli.http.server;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/** Keys of servers. */
final class ServerTls {
  private ServerTls() {}

  /** A context with the certificates and the key of two PEM files. */
  static SSLContext of(Path certificates, Path key) {
    try {
      SslContext read =
          SslContextBuilder.forServer(certificates.toFile(), key.toFile())
              .sslProvider(SslProvider.JDK)
              .build();
      return ((JdkSslContext) read).context();
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
