package io.openclaw.dns;

/** The response codes that are answered here (RFC 1035 §4.1.1, RFC 6891 §9). */
final class Rcode {
  static final int NOERROR = 0;
  static final int FORMERR = 1;
  static final int SERVFAIL = 2;
  static final int NXDOMAIN = 3;
  static final int NOTIMP = 4;
  static final int REFUSED = 5;

  /** Needs the upper bits that only an OPT record has. */
  static final int BADVERS = 16;

  /** A cookie that was not made here (RFC 7873); needs the upper bits, too. */
  static final int BADCOOKIE = 23;

  private Rcode() {}
}
