package io.openclaw.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * ca.crt} holds both, {@code previous.crt} and {@code previous.key} are the old one and {@code
 * voucher.crt} says by the old one that the new one is an authority, so that certificates of either
 * are believed by whoever knows either.
 *
 * <p>A rotation prepares the next authority as {@code next.key} first and {@code next.crt} last,
 * then puts it in the old one's place. Where it was interrupted, the next command completes it if
 * {@code next.crt} is there, and undoes it if not. Files are replaced whole and are on disk before
 * the next step; keys are only the owner's. One process at a time.
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
  private static final String PREVIOUS_KEY = "previous.key";
  private static final String NEXT = "next.crt";
  private static final String NEXT_KEY = "next.key";
  private static final String VOUCHER = "voucher.crt";

  private final Path folder;
  private final SecureRandom random;
  private final WholeFiles files;

  /**
   * @param folder may not be there yet
   */
  public AuthorityFolder(Path folder, SecureRandom random) {
    this(folder, random, step -> {});
  }

  AuthorityFolder(Path folder, SecureRandom random, WholeFiles.Steps steps) {
    this.folder = folder;
    this.random = random;
    files = new WholeFiles(steps);
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
      byte[] certificate = pem(List.of(made.certificate()));
      replace(BUNDLE, certificate, false);
      replace(CERTIFICATE, certificate, false);
      replace(KEY, key(made.key()), true); // last: until then there is no authority
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Makes the next authority beside the old one; the next certificates are its. */
  public void rotate(Instant now) throws IOException {
    if (settle()) {
      return; // what was asked for, and interrupted
    }
    if (Files.exists(folder.resolve(PREVIOUS))) {
      throw new IOException(
          folder.resolve(PREVIOUS) + ": a rotation is under way (expected: finished first)");
    }
    Authority old = open();
    try {
      Authority next = made(now);
      replace(NEXT_KEY, key(next.key()), true);
      replace(VOUCHER, pem(List.of(old.vouchFor(next, random))), false);
      replace(PREVIOUS_KEY, Pem.read(folder.resolve(KEY)), true);
      replace(PREVIOUS, pem(List.of(old.certificate())), false);
      replace(NEXT, pem(List.of(next.certificate())), false);
      complete();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private void complete() throws IOException {
    List<X509Certificate> both = new ArrayList<>(certificates(folder.resolve(PREVIOUS)));
    both.addAll(certificates(folder.resolve(NEXT)));
    replace(BUNDLE, pem(both), false);
    if (Files.exists(folder.resolve(NEXT_KEY))) {
      files.move(folder.resolve(NEXT_KEY), folder.resolve(KEY));
    }
    files.move(folder.resolve(NEXT), folder.resolve(CERTIFICATE));
  }

  /** Completes a rotation that was interrupted, or undoes it; whether it is complete now. */
  private boolean settle() throws IOException {
    if (Files.exists(folder.resolve(NEXT))) {
      complete();
      return true;
    }
    if (Files.exists(folder.resolve(NEXT_KEY))) {
      for (String part : List.of(PREVIOUS, PREVIOUS_KEY, VOUCHER, NEXT_KEY)) {
        files.delete(folder.resolve(part));
      }
    }
    return false;
  }

  /** Ends a rotation: the old authority is believed no more. */
  public void finish() throws IOException {
    if (settle()) {
      throw new IOException(
          folder
              + ": the rotation had been interrupted and is complete only now (expected: new"
              + " certificates for all nodes, then rotate --finish)");
    }
    if (!Files.exists(folder.resolve(PREVIOUS))) {
      throw new IOException(
          folder.resolve(PREVIOUS) + ": not there (expected: a rotation under way)");
    }
    Authority current = open();
    replace(BUNDLE, pem(List.of(current.certificate())), false);
    for (String part : List.of(PREVIOUS_KEY, VOUCHER, PREVIOUS)) {
      files.delete(folder.resolve(part));
    }
  }

  /**
   * Issues a certificate into a folder, as {@code tls.crt}, {@code tls.key} and {@code ca.crt}.
   *
   * @param lifetime from {@code now} on; negative for one that has expired, for tests of others
   */
  public X509Certificate issue(Wish wish, Path out, Instant now, Duration lifetime)
      throws IOException {
    var _ = settle();
    Authority authority = open();
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
              voucher(authority),
              random);
      Files.createDirectories(out);
      files.replace(out.resolve("ca.crt"), Pem.read(folder.resolve(BUNDLE)), false);
      files.replace(out.resolve("tls.key"), key(issued.key()), true);
      files.replace(out.resolve("tls.crt"), pem(issued.chain()), false);
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

  private void replace(String name, byte[] content, boolean secret) throws IOException {
    files.replace(folder.resolve(name), content, secret);
  }

  /** None but for this authority: a folder may hold one for an authority that never came. */
  private @Nullable X509Certificate voucher(Authority authority) throws IOException {
    Path file = folder.resolve(VOUCHER);
    if (!Files.exists(file)) {
      return null;
    }
    X509Certificate voucher = certificates(file).getFirst();
    boolean same = voucher.getPublicKey().equals(authority.certificate().getPublicKey());
    return same ? voucher : null;
  }

  private Authority open() throws IOException {
    Path certificate = folder.resolve(CERTIFICATE);
    Path key = folder.resolve(KEY);
    if (!Files.exists(key)) {
      throw new IOException(key + ": not there (expected: made by `openclaw cert init`)");
    }
    Authority found =
        new Authority(certificates(certificate).getFirst(), Pem.key(key, Pem.read(key)));
    try {
      if (!CertificateFiles.belong(found.certificate().getPublicKey(), found.key())) {
        throw new IOException(
            key
                + ": another key than that of "
                + certificate
                + " (expected: a pair; put both back from a backup, or from "
                + PREVIOUS
                + " and "
                + PREVIOUS_KEY
                + " if they are there)");
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
    return found;
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
}
