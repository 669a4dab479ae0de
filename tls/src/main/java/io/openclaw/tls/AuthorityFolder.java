package io.openclaw.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small authority in a folder: {@code authority.crt} and {@code authority.key}, and {@code
 * ca.crt}, the authorities that are to be believed. While one is replaced by the next, {@code
 * ca.crt} holds both, {@code previous.crt} is the old one and {@code voucher.crt} says by the old
 * one that the new one is an authority, so that certificates of either are believed by whoever
 * knows either. Files are replaced whole; keys are only the owner's. One process at a time.
 */
public final class AuthorityFolder {
  /** Of an authority, ten years. */
  public static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);

  /** A certificate begins this long before now, for clocks that are behind. */
  static final Duration BACKDATED = Duration.ofMinutes(5);

  private static final String CERTIFICATE = "authority.crt";
  private static final String KEY = "authority.key";
  private static final String BUNDLE = "ca.crt";
  private static final String PREVIOUS = "previous.crt";
  private static final String VOUCHER = "voucher.crt";

  private final Path folder;
  private final SecureRandom random;

  /**
   * @param folder may not be there yet
   */
  public AuthorityFolder(Path folder, SecureRandom random) {
    this.folder = folder;
    this.random = random;
  }

  /** What a certificate is to say. */
  public record Wish(
      String commonName, List<String> uris, List<String> dns, List<String> addresses) {}

  /** Makes the authority; there must be none yet. */
  public void init(Instant now) throws IOException {
    if (Files.exists(folder.resolve(KEY))) {
      throw new IOException(
          folder.resolve(KEY) + ": there is an authority already (expected: none; see rotate)");
    }
    Files.createDirectories(folder);
    try {
      Authority made = made(now);
      write(made);
      replace(folder.resolve(BUNDLE), pem(List.of(made.certificate())), false);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Makes the next authority beside the old one; the next certificates are its. */
  public void rotate(Instant now) throws IOException {
    if (Files.exists(folder.resolve(PREVIOUS))) {
      throw new IOException(
          folder.resolve(PREVIOUS) + ": a rotation is under way (expected: finished first)");
    }
    Authority old = open();
    try {
      Authority next = made(now);
      replace(folder.resolve(BUNDLE), pem(List.of(old.certificate(), next.certificate())), false);
      replace(folder.resolve(VOUCHER), pem(List.of(old.vouchFor(next, random))), false);
      replace(folder.resolve(PREVIOUS), pem(List.of(old.certificate())), false);
      write(next);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Ends a rotation: the old authority is believed no more. */
  public void finish() throws IOException {
    if (!Files.exists(folder.resolve(PREVIOUS))) {
      throw new IOException(
          folder.resolve(PREVIOUS) + ": not there (expected: a rotation under way)");
    }
    Authority current = open();
    replace(folder.resolve(BUNDLE), pem(List.of(current.certificate())), false);
    Files.deleteIfExists(folder.resolve(VOUCHER));
    Files.deleteIfExists(folder.resolve(PREVIOUS));
  }

  /**
   * Issues a certificate into a folder, as {@code tls.crt}, {@code tls.key} and {@code ca.crt}.
   *
   * @param lifetime from {@code now} on; negative for one that has expired, for tests of others
   */
  public X509Certificate issue(Wish wish, Path out, Instant now, Duration lifetime)
      throws IOException {
    Authority authority = open();
    Path voucher = folder.resolve(VOUCHER);
    try {
      Instant until = now.plus(lifetime);
      Instant from = (lifetime.isNegative() ? until : now).minus(BACKDATED);
      Instant begin = authority.certificate().getNotBefore().toInstant();
      Authority.Issued issued =
          authority.issue(
              new Authority.Wish(
                  wish.commonName(),
                  wish.uris(),
                  wish.dns(),
                  addresses(wish.addresses()),
                  from.isBefore(begin) && !lifetime.isNegative() ? begin : from,
                  until),
              Files.exists(voucher)
                  ? Pem.certificates(voucher, Pem.read(voucher)).getFirst()
                  : null,
              random);
      Files.createDirectories(out);
      replace(out.resolve("ca.crt"), Pem.read(folder.resolve(BUNDLE)), false);
      replace(out.resolve("tls.key"), key(issued.key()), true);
      replace(out.resolve("tls.crt"), pem(issued.chain()), false);
      return issued.chain().getFirst();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** The certificates of a PEM file. */
  public static List<X509Certificate> certificates(Path file) throws IOException {
    return Pem.certificates(file, Pem.read(file));
  }

  private Authority made(Instant now) throws GeneralSecurityException {
    byte[] mark = new byte[4];
    random.nextBytes(mark);
    Instant from = now.minus(BACKDATED);
    return Authority.create(
        "OpenClaw authority " + HexFormat.of().formatHex(mark),
        from,
        from.plus(AUTHORITY_LIFETIME),
        random);
  }

  private void write(Authority authority) throws IOException {
    replace(folder.resolve(KEY), key(authority.key()), true);
    replace(folder.resolve(CERTIFICATE), pem(List.of(authority.certificate())), false);
  }

  private Authority open() throws IOException {
    Path certificate = folder.resolve(CERTIFICATE);
    Path key = folder.resolve(KEY);
    if (!Files.exists(key)) {
      throw new IOException(key + ": not there (expected: made by `openclaw cert init`)");
    }
    return new Authority(
        Pem.certificates(certificate, Pem.read(certificate)).getFirst(),
        Pem.key(key, Pem.read(key)));
  }

  private static List<byte[]> addresses(List<String> texts) throws IOException {
    List<byte[]> addresses = new ArrayList<>();
    for (String text : texts) {
      if (!text.matches("[0-9.]{7,15}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
        throw new IOException("--ip: " + text + " (expected: like 10.0.0.5 or 2001:db8::7)");
      }
      addresses.add(InetAddress.ofLiteral(text).getAddress());
    }
    return addresses;
  }

  private static byte[] pem(List<X509Certificate> certificates) throws IOException {
    StringBuilder text = new StringBuilder();
    for (X509Certificate each : certificates) {
      try {
        text.append(Pem.text("CERTIFICATE", each.getEncoded()));
      } catch (CertificateEncodingException e) {
        throw new IOException(e);
      }
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] key(java.security.PrivateKey key) {
    byte @Nullable [] encoded = key.getEncoded();
    return Pem.text("PRIVATE KEY", encoded == null ? new byte[0] : encoded)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Replaces a file whole: whoever reads sees the old one or the new one. */
  private static void replace(Path file, byte[] content, boolean secret) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    Files.createFile(
        next,
        PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
    Files.write(next, content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
