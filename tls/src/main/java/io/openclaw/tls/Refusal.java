package io.openclaw.tls;

/** Why a certificate, or a connection that should have brought one, is refused. */
public enum Refusal {
  EXPIRED("expired"),
  NOT_YET_VALID("not_yet_valid"),
  UNKNOWN_CA("unknown_ca"),
  WRONG_NAME("wrong_name"),
  NO_CERTIFICATE("no_certificate"),

  /** A certificate that must not be used so: a wrong key usage, a weak algorithm. */
  INVALID("invalid"),

  /** The other side refused ours, and said so. */
  REFUSED_BY_PEER("refused_by_peer"),

  /** No TLS at all, or none of the versions that are spoken here. */
  HANDSHAKE("handshake");

  private final String word;

  Refusal(String word) {
    this.word = word;
  }

  /** The word for it in logs, metrics and answers. */
  public String word() {
    return word;
  }
}
