package io.openclaw.dns;

/** The numbers of the EDNS options that are treated here (IANA, "DNS EDNS0 Option Codes"). */
final class OptionCode {
  static final int SUBNET = 8;
  static final int COOKIE = 10;

  private OptionCode() {}
}
