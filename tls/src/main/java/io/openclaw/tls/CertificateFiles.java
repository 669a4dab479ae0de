package io.openclaw.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of one place's certificates, and how they become one consistent {@link CertificateSet}.
 *
 * @param place whose they are, for messages and metrics, such as {@code mesh}
 * @param identity what is shown to others; none where nothing is
 * @param ca the authorities that others' certificates must lead to; none where others need none
 * @param region the region that {@code identity} must name and {@code ca} must believe; none where
 *     it may be anybody's
 * @param others what is shown to those who ask for these server names
 */
public record CertificateFiles(
    String place,
    @Nullable Pair identity,
    @Nullable Path ca,
    @Nullable String region,
    List<Named> others) {
  /** Server names of one listener. */
  public static final int NAMES_MAX = 100;

  /**
   * A certificate, the others of its chain behind it, and its private key.
   *
   * @param cert PEM, leaf first
   * @param key PEM, not encrypted
   */
  public record Pair(Path cert, Path key) {}

  /**
   * A pair for a server name.
   *
   * @param name a DNS name, or {@code *.} and one
   */
  public record Named(String name, Pair pair) {}

  public CertificateFiles {
    others = List.copyOf(others);
    if (identity == null && ca == null) {
      throw new IllegalArgumentException(place + ": no file (expected: cert and key, or ca)");
    }
    if (others.size() > NAMES_MAX) {
      throw new IllegalArgumentException(
          place + ": " + others.size() + " server names (expected: at most " + NAMES_MAX + ")");
    }
  }

  private List<Path> paths() {
    List<Path> paths = new ArrayList<>();
    if (identity != null) {
      paths.add(identity.cert());
      paths.add(identity.key());
    }
    if (ca != null) {
      paths.add(ca);
    }
    for (Named other : others) {
      paths.add(other.pair().cert());
      paths.add(other.pair().key());
    }
    return paths;
  }

  /**
   * What changes when a file is written or replaced, as far as the file system tells without
   * reading: the file behind all links, its time and its size.
   */
  String stamp() {
    StringBuilder stamp = new StringBuilder();
    for (Path path : paths()) {
      try {
        BasicFileAttributes seen = Files.readAttributes(path, BasicFileAttributes.class);
        stamp.append(seen.fileKey()).append(' ').append(seen.lastModifiedTime().toInstant());
        stamp.append(' ').append(seen.size()).append('\n');
      } catch (IOException e) {
        stamp.append("none\n");
      }
    }
    return stamp.toString();
  }

  /** What the files hold now, read once. */
  Map<Path, byte[]> read() throws IOException {
    Map<Path, byte[]> texts = new LinkedHashMap<>();
    for (Path path : paths()) {
      texts.put(path, Pem.read(path));
    }
    return texts;
  }

  static String digest(Map<Path, byte[]> texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] text : texts.values()) {
        digest.update(Der.octets(text));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * The set that the texts make. A server name's certificate may have expired, the others not.
   *
   * @throws IOException where they do not fit together, naming the file
   */
  CertificateSet parse(Map<Path, byte[]> texts, long wallMillis) throws IOException {
    try {
      Trust trust =
          ca == null ? null : new Trust(Pem.certificates(ca, texts.getOrDefault(ca, new byte[0])));
      CertificateSet.Identity shown =
          identity == null ? null : identity("", identity, texts, wallMillis);
      if (shown != null && region != null) {
        requireRegion(shown, trust, region, wallMillis);
      }
      List<CertificateSet.Identity> named = new ArrayList<>();
      for (Named other : others) {
        CertificateSet.Identity read = identity(other.name(), other.pair(), texts, wallMillis);
        if (!Names.covers(read.leaf(), other.name())) {
          throw new BadCertificateFileException(
              other.pair().cert()
                  + ": names "
                  + Names.all(read.leaf())
                  + " (expected: "
                  + other.name()
                  + " among them)");
        }
        named.add(read);
      }
      return new CertificateSet(shown, named, trust, digest(texts));
    } catch (GeneralSecurityException e) {
      throw new BadCertificateFileException(place + ": " + e.getMessage(), e);
    }
  }

  private void requireRegion(
      CertificateSet.Identity shown, @Nullable Trust trust, String region, long wallMillis)
      throws IOException {
    Path cert = identity == null ? Path.of("") : identity.cert();
    if (!Names.isRegion(shown.leaf(), region)) {
      throw new BadCertificateFileException(
          cert
              + ": names "
              + Names.all(shown.leaf())
              + " (expected: "
              + Names.region(region)
              + " and no other region)");
    }
    try {
      if (trust != null) {
        X509Certificate[] chain = shown.chain().toArray(new X509Certificate[0]);
        trust.check(chain, "UNKNOWN", true, wallMillis);
        trust.check(chain, "UNKNOWN", false, wallMillis);
      }
    } catch (RefusedCertificateException e) {
      throw new BadCertificateFileException(
          cert + ": the other regions would refuse it by " + ca + ": " + e.getMessage(), e);
    }
  }

  private static CertificateSet.Identity identity(
      String name, Pair pair, Map<Path, byte[]> texts, long wallMillis)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> chain =
        Pem.certificates(pair.cert(), texts.getOrDefault(pair.cert(), new byte[0]));
    PrivateKey key = Pem.key(pair.key(), texts.getOrDefault(pair.key(), new byte[0]));
    X509Certificate leaf = chain.getFirst();
    if (!belong(leaf.getPublicKey(), key)) {
      throw new BadCertificateFileException(
          pair.key() + ": another key than that of " + pair.cert() + " (expected: a pair)");
    }
    try {
      Trust.checkDates(leaf, wallMillis);
    } catch (RefusedCertificateException e) {
      // One server name that was forgotten must not keep all others from being renewed.
      if (name.isEmpty() || e.refusal() != Refusal.EXPIRED) {
        throw new BadCertificateFileException(pair.cert() + ": " + e.getMessage(), e);
      }
    }
    for (int i = 1; i < chain.size(); i++) {
      try {
        chain.get(i - 1).verify(chain.get(i).getPublicKey());
      } catch (GeneralSecurityException e) {
        throw new BadCertificateFileException(
            pair.cert()
                + ": certificate "
                + i
                + " was not issued by the next one (expected: leaf first, then each one's issuer)",
            e);
      }
    }
    return new CertificateSet.Identity(name, chain, key);
  }

  /** Whether what one signs the other verifies. */
  static boolean belong(PublicKey verifier, PrivateKey signer) throws GeneralSecurityException {
    if (!verifier.getAlgorithm().equals(signer.getAlgorithm())) {
      return false;
    }
    String algorithm =
        switch (signer.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> signer.getAlgorithm();
        };
    byte[] challenge = new byte[32];
    new SecureRandom().nextBytes(challenge);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(signer);
      signature.update(challenge);
      byte[] signed = signature.sign();
      signature.initVerify(verifier);
      signature.update(challenge);
      return signature.verify(signed);
    } catch (java.security.SignatureException | java.security.InvalidKeyException e) {
      return false;
    }
  }
}
