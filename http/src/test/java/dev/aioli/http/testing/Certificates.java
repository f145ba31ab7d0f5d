package dev.aioli.http.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for the tests' servers, made by the JDK's keytool. */
public final class Certificates {
  private static final char[] PASSWORD = "secret".toCharArray();

  private Certificates() {}

  /** Makes a key and its own certificate for a name, in a folder. */
  public static KeyStore selfSigned(Path folder, String name) throws Exception {
    return make(folder, name, "dns:" + name);
  }

  /** As {@link #selfSigned}, for an address as well. */
  public static KeyStore selfSigned(Path folder, String name, String address) throws Exception {
    return make(folder, name, "dns:" + name + ",ip:" + address);
  }

  private static KeyStore make(Path folder, String name, String subjects) throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=" + subjects,
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret",
                "-keystore",
                folder.resolve("keys.p12").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    return load(folder);
  }

  /** What was made in a folder. */
  public static KeyStore load(Path folder) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve("keys.p12"))) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  /** Writes the certificate and its key as other programs read them: server.crt, server.key. */
  public static void writePem(KeyStore keys, Path folder) throws Exception {
    Files.writeString(
        folder.resolve("server.crt"),
        pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
    Files.writeString(
        folder.resolve("server.key"),
        pem("PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded()));
  }

  private static String pem(String what, byte[] content) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(content)
        + "\n-----END "
        + what
        + "-----\n";
  }

  public static SSLContext serverContext(KeyStore keys) throws Exception {
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  public static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", keys.getCertificate("server"));
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
