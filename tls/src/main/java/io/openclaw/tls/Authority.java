package io.openclaw.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority: a certificate and its key, ECDSA on P-256 with SHA-256, and what it
 * issues (RFC 5280). Immutable, thread-safe.
 */
public final class Authority {
  private static final String COMMON_NAME = "2.5.4.3";
  private static final String ECDSA_SHA256 = "1.2.840.10045.4.3.2";
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";
  private static final String KEY_USAGE = "2.5.29.15";
  private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
  private static final String ALTERNATIVE_NAMES = "2.5.29.17";
  private static final String SUBJECT_KEY = "2.5.29.14";
  private static final String AUTHORITY_KEY = "2.5.29.35";
  private static final String SERVER = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT = "1.3.6.1.5.5.7.3.2";
  private static final int SERIAL_BITS = 128;
  private static final int POINT_BYTES = 65;
  private static final int KEY_ID_BYTES = 20;

  private final X509Certificate certificate;
  private final PrivateKey key;

  /** An authority whose certificate and key are known. */
  Authority(X509Certificate certificate, PrivateKey key) {
    this.certificate = certificate;
    this.key = key;
  }

  /**
   * What was issued.
   *
   * @param chain leaf first
   */
  public record Issued(List<X509Certificate> chain, PrivateKey key) {}

  /**
   * What is asked for.
   *
   * @param commonName the subject
   * @param uris {@code dns} and {@code addresses}: the subject alternative names; addresses are 4
   *     or 16 bytes each
   */
  public record Wish(
      String commonName,
      List<String> uris,
      List<String> dns,
      List<byte[]> addresses,
      Instant from,
      Instant until) {}

  /** A new authority of its own. */
  public static Authority create(String name, Instant from, Instant until, SecureRandom random)
      throws GeneralSecurityException {
    KeyPair pair = pair(random);
    byte[] subject = name(name);
    List<byte[]> extensions = authorityExtensions(pair.getPublic(), pair.getPublic(), 1);
    X509Certificate certificate =
        sign(
            subject, subject, pair.getPublic(), extensions, from, until, pair.getPrivate(), random);
    return new Authority(certificate, pair.getPrivate());
  }

  /** Says that another authority is one, so that who knows this one believes that one. */
  public X509Certificate vouchFor(Authority other, SecureRandom random)
      throws GeneralSecurityException {
    X509Certificate theirs = other.certificate;
    Instant mine = certificate.getNotAfter().toInstant();
    Instant until = theirs.getNotAfter().toInstant();
    return sign(
        certificate.getSubjectX500Principal().getEncoded(),
        theirs.getSubjectX500Principal().getEncoded(),
        theirs.getPublicKey(),
        authorityExtensions(theirs.getPublicKey(), certificate.getPublicKey(), 0),
        theirs.getNotBefore().toInstant(),
        mine.isBefore(until) ? mine : until,
        key,
        random);
  }

  /** Issues a certificate with a new key. */
  public Issued issue(Wish wish, @Nullable X509Certificate voucher, SecureRandom random)
      throws GeneralSecurityException {
    KeyPair pair = pair(random);
    Instant end = certificate.getNotAfter().toInstant();
    X509Certificate leaf =
        sign(
            certificate.getSubjectX500Principal().getEncoded(),
            name(wish.commonName()),
            pair.getPublic(),
            leafExtensions(wish, pair.getPublic(), certificate.getPublicKey()),
            wish.from(),
            wish.until().isBefore(end) ? wish.until() : end,
            key,
            random);
    List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
    if (voucher != null) {
      chain.add(voucher);
    }
    return new Issued(List.copyOf(chain), pair.getPrivate());
  }

  X509Certificate certificate() {
    return certificate;
  }

  PrivateKey key() {
    return key;
  }

  private static KeyPair pair(SecureRandom random) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  private static byte[] name(String commonName) {
    return Der.sequence(Der.set(Der.sequence(Der.oid(COMMON_NAME), Der.utf8(commonName))));
  }

  private static X509Certificate sign(
      byte[] issuer,
      byte[] subject,
      PublicKey subjectKey,
      List<byte[]> extensions,
      Instant from,
      Instant until,
      PrivateKey key,
      SecureRandom random)
      throws GeneralSecurityException {
    byte[] algorithm = Der.sequence(Der.oid(ECDSA_SHA256));
    // One more bit on top keeps it positive and of one length.
    BigInteger serial = new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS);
    byte[] toBeSigned =
        Der.sequence(
            Der.explicit(0, Der.integer(2)),
            Der.integer(serial),
            algorithm,
            issuer,
            Der.sequence(Der.time(from), Der.time(until)),
            subject,
            subjectKey.getEncoded(),
            Der.explicit(3, Der.sequence(extensions.toArray(new byte[0][]))));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key, random);
    signature.update(toBeSigned);
    byte[] whole = Der.sequence(toBeSigned, algorithm, Der.bits(signature.sign(), 0));
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(whole));
  }

  private static List<byte[]> authorityExtensions(
      PublicKey subject, PublicKey issuer, int pathLength) throws GeneralSecurityException {
    return List.of(
        extension(BASIC_CONSTRAINTS, true, Der.sequence(Der.bool(true), Der.integer(pathLength))),
        extension(KEY_USAGE, true, Der.bits(new byte[] {0x06}, 1)), // keyCertSign, cRLSign
        extension(SUBJECT_KEY, false, Der.octets(keyId(subject))),
        extension(AUTHORITY_KEY, false, Der.sequence(Der.implicit(0, keyId(issuer)))));
  }

  private static List<byte[]> leafExtensions(Wish wish, PublicKey subject, PublicKey issuer)
      throws GeneralSecurityException {
    List<byte[]> names = new ArrayList<>();
    wish.uris().forEach(uri -> names.add(Der.implicit(Names.URI, ascii(uri))));
    wish.dns().forEach(dns -> names.add(Der.implicit(Names.DNS, ascii(dns))));
    wish.addresses().forEach(address -> names.add(Der.implicit(Names.IP, address)));
    return List.of(
        extension(BASIC_CONSTRAINTS, true, Der.sequence()),
        extension(KEY_USAGE, true, Der.bits(new byte[] {(byte) 0x80}, 7)), // digitalSignature
        extension(EXTENDED_KEY_USAGE, false, Der.sequence(Der.oid(SERVER), Der.oid(CLIENT))),
        extension(ALTERNATIVE_NAMES, false, Der.sequence(names.toArray(new byte[0][]))),
        extension(SUBJECT_KEY, false, Der.octets(keyId(subject))),
        extension(AUTHORITY_KEY, false, Der.sequence(Der.implicit(0, keyId(issuer)))));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    return critical
        ? Der.sequence(Der.oid(oid), Der.bool(true), Der.octets(value))
        : Der.sequence(Der.oid(oid), Der.octets(value));
  }

  /** RFC 7093, method 1: of a P-256 key, whose point ends its encoding. */
  private static byte[] keyId(PublicKey key) throws GeneralSecurityException {
    byte[] encoded = key.getEncoded();
    byte[] point = Arrays.copyOfRange(encoded, encoded.length - POINT_BYTES, encoded.length);
    return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(point), KEY_ID_BYTES);
  }
}
