package io.openclaw.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys as PEM text (RFC 7468). Keys are read as PKCS #8, and in the older
 * forms of RSA (PKCS #1) and of the curve P-256 (SEC 1); encrypted ones are refused.
 */
final class Pem {
  /** Of one file. */
  static final int FILE_BYTES_MAX = 256 * 1024;

  /** In one file. */
  static final int CERTIFICATES_MAX = 100;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----\\s([A-Za-z0-9+/=\\s]*+)-----END \\1-----");
  private static final byte[] VERSION_0 = Der.integer(0);
  private static final String RSA = "1.2.840.113549.1.1.1";
  private static final String EC = "1.2.840.10045.2.1";
  private static final String P256 = "1.2.840.10045.3.1.7";

  @SuppressWarnings("ArrayRecordComponent")
  private record Block(String label, byte[] bytes) {}

  private Pem() {}

  /**
   * A file's bytes.
   *
   * @throws IOException naming the file
   */
  static byte[] read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
      if (bytes.length > FILE_BYTES_MAX) {
        throw new BadCertificateFileException(
            file + ": more than " + FILE_BYTES_MAX + " bytes (expected: a PEM file)");
      }
      return bytes;
    } catch (java.nio.file.FileSystemException e) {
      throw new BadCertificateFileException(
          file + ": cannot be read, " + e.getClass().getSimpleName(), e);
    }
  }

  /** The certificates of a file, at least one, in its order. */
  static List<X509Certificate> certificates(Path file, byte[] text) throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks(file, text)) {
        if (block.label().equals("CERTIFICATE")) {
          certificates.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(block.bytes())));
        }
      }
    } catch (GeneralSecurityException e) {
      throw new BadCertificateFileException(
          file + ": not a certificate, " + e.getMessage() + " (expected: X.509 in PEM)", e);
    }
    if (certificates.isEmpty() || certificates.size() > CERTIFICATES_MAX) {
      throw new BadCertificateFileException(
          file
              + ": "
              + certificates.size()
              + " certificates (expected: 1 to "
              + CERTIFICATES_MAX
              + ", in PEM)");
    }
    return List.copyOf(certificates);
  }

  /** The one private key of a file. */
  static PrivateKey key(Path file, byte[] text) throws IOException {
    List<Block> keys = new ArrayList<>();
    for (Block block : blocks(file, text)) {
      if (block.label().endsWith("PRIVATE KEY")) {
        keys.add(block);
      }
    }
    if (keys.size() != 1) {
      throw new BadCertificateFileException(
          file + ": " + keys.size() + " private keys (expected: one, in PEM, not encrypted)");
    }
    Block key = keys.getFirst();
    return switch (key.label()) {
      case "PRIVATE KEY" -> key(file, key.bytes(), "EC", "RSA", "EdDSA");
      case "RSA PRIVATE KEY" -> key(file, wrapped(RSA, Der.nothing(), key.bytes()), "RSA");
      case "EC PRIVATE KEY" -> key(file, wrapped(EC, Der.oid(P256), key.bytes()), "EC");
      default ->
          throw new BadCertificateFileException(
              file + ": " + key.label() + " (expected: PRIVATE KEY, not encrypted)");
    };
  }

  /** A key of one algorithm as PKCS #8 (RFC 5958). */
  private static byte[] wrapped(String algorithm, byte[] parameters, byte[] key) {
    return Der.sequence(VERSION_0, Der.sequence(Der.oid(algorithm), parameters), Der.octets(key));
  }

  private static PrivateKey key(Path file, byte[] pkcs8, String... algorithms) throws IOException {
    for (String algorithm : algorithms) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (GeneralSecurityException e) {
        // the next one
      }
    }
    throw new BadCertificateFileException(
        file + ": not a private key that is known (expected: EC, RSA or Ed25519)");
  }

  private static List<Block> blocks(Path file, byte[] text) throws IOException {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(new String(text, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      try {
        String body = matcher.group(2).replaceAll("\\s", "");
        blocks.add(new Block(matcher.group(1), Base64.getDecoder().decode(body)));
      } catch (IllegalArgumentException e) {
        throw new BadCertificateFileException(
            file + ": " + matcher.group(1) + " is not Base64 (expected: PEM)", e);
      }
    }
    return blocks;
  }

  /** As text: the label, 64 characters a line. */
  static String text(String label, byte[] bytes) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
  }
}
