package io.openclaw.domain;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * An API key as its owner holds it: {@code ock_<id>_<secret><checksum>}, the secret 256 random bits
 * in base 62, the checksum six base-62 digits of the CRC-32 of everything before it, so that
 * scanners find leaked keys and typing errors cost no look-up.
 *
 * <p>Its {@link #toString} does not show the secret; {@link #reveal} does.
 */
public final class KeyText {
  public static final String PREFIX = "ock_";

  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int ID_LENGTH = 12;
  private static final int SECRET_BYTES = 32;
  private static final int SECRET_LENGTH = 43;
  private static final int CHECKSUM_LENGTH = 6;
  private static final int LENGTH_MAX = 128;
  private static final ThreadLocal<MessageDigest> SHA256 =
      ThreadLocal.withInitial(KeyText::newSha256);

  private final String id;
  private final String secret;
  private final String text;

  private KeyText(String id, String secret, String text) {
    this.id = id;
    this.secret = secret;
    this.text = text;
  }

  /** A new key; {@code random} must be cryptographically strong wherever the key is to be used. */
  public static KeyText generate(RandomGenerator random) {
    byte[] bits = new byte[SECRET_BYTES];
    random.nextBytes(bits);
    StringBuilder id = new StringBuilder(ID_LENGTH);
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    String secret = base62(new BigInteger(1, bits), SECRET_LENGTH);
    String body = PREFIX + id + "_" + secret;
    return new KeyText(id.toString(), secret, body + checksum(body, body.length()));
  }

  /** The key a text holds, or null where it is none: wrong shape, or wrong checksum. */
  public static @Nullable KeyText parse(String text) {
    int underscore = text.indexOf('_', PREFIX.length());
    int secretEnd = text.length() - CHECKSUM_LENGTH;
    if (text.length() > LENGTH_MAX
        || !text.startsWith(PREFIX)
        || underscore < 0
        || secretEnd <= underscore
        || !isBase62(text, PREFIX.length(), underscore)
        || !isBase62(text, underscore + 1, text.length())
        || !text.regionMatches(secretEnd, checksum(text, secretEnd), 0, CHECKSUM_LENGTH)) {
      return null;
    }
    return new KeyText(
        text.substring(PREFIX.length(), underscore),
        text.substring(underscore + 1, secretEnd),
        text);
  }

  /** The public part. */
  public String id() {
    return id;
  }

  /** The whole key, for its owner's eyes, once. */
  public String reveal() {
    return text;
  }

  /** SHA-256 of the secret, 32 bytes. */
  public byte[] sha256() {
    return SHA256.get().digest(secret.getBytes(StandardCharsets.US_ASCII));
  }

  /** SHA-256 of the secret as lower-case hex, as {@link ApiKey} keeps it. */
  public String sha256Hex() {
    return HexFormat.of().formatHex(sha256());
  }

  @Override
  public String toString() {
    return PREFIX + id + "_…";
  }

  private static boolean isBase62(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return to > from;
  }

  private static String checksum(String text, int end) {
    CRC32 crc = new CRC32();
    for (int i = 0; i < end; i++) {
      crc.update(text.charAt(i));
    }
    char[] digits = new char[CHECKSUM_LENGTH];
    long rest = crc.getValue();
    for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
      digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
      rest /= DIGITS.length();
    }
    return new String(digits);
  }

  private static String base62(BigInteger number, int length) {
    BigInteger base = BigInteger.valueOf(DIGITS.length());
    StringBuilder digits = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      BigInteger[] parts = number.divideAndRemainder(base);
      digits.append(DIGITS.charAt(parts[1].intValue()));
      number = parts[0];
    }
    return digits.reverse().toString();
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
