package io.openclaw.dns;

/**
 * The numbers of the record types that are treated here (IANA, "Domain Name System Parameters").
 */
final class RecordType {
  static final int A = 1;
  static final int NS = 2;
  static final int SOA = 6;
  static final int HINFO = 13;
  static final int TXT = 16;
  static final int AAAA = 28;
  static final int OPT = 41;
  static final int HTTPS = 65;
  static final int TKEY = 249;
  static final int TSIG = 250;
  static final int IXFR = 251;
  static final int AXFR = 252;
  static final int MAILB = 253;
  static final int MAILA = 254;
  static final int ANY = 255;

  static final int CLASS_IN = 1;

  private RecordType() {}
}
