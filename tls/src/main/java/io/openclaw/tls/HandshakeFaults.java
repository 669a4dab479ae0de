package io.openclaw.tls;

import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** What a handshake that failed says of why, beside what the trust already told. */
public final class HandshakeFaults {
  private HandshakeFaults() {}

  /** Counts a handshake that failed at a server; one that ended without a word says nothing. */
  public static void server(Certificates certificates, Throwable failure) {
    if (isTold(failure)) {
      return;
    }
    String message = message(failure);
    String lower = message.toLowerCase(Locale.ROOT);
    Refusal refusal;
    if (lower.contains("empty client certificate chain")) {
      refusal = Refusal.NO_CERTIFICATE;
    } else if (lower.contains("fatal alert")) {
      refusal = Refusal.REFUSED_BY_PEER;
    } else if (ssl(failure)) {
      refusal = Refusal.HANDSHAKE;
    } else {
      return; // the connection was closed, or took too long
    }
    String expected =
        refusal == Refusal.NO_CERTIFICATE ? " (expected: one of a known authority)" : "";
    certificates.events().refused(certificates.place(), refusal, message + expected);
  }

  /** Whether the other side says that it does not take our certificate. */
  public static boolean isRefusal(Throwable failure) {
    String lower = message(failure).toLowerCase(Locale.ROOT);
    return lower.contains("fatal alert") && !isTold(failure);
  }

  /** The innermost message. */
  public static String message(Throwable failure) {
    Throwable last = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      last = cause;
    }
    return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
  }

  private static boolean isTold(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedCertificateException) {
        return true;
      }
    }
    return false;
  }

  private static boolean ssl(Throwable failure) {
    boolean found = false;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClosedChannelException) {
        return false;
      }
      found |= cause instanceof SSLException;
    }
    return found && !message(failure).contains("timed out");
  }
}
