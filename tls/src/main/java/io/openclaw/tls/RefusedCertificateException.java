package io.openclaw.tls;

import java.security.cert.CertificateException;

/** A certificate that is not believed, with the reason; its message is for a person. */
public final class RefusedCertificateException extends CertificateException {
  private static final long serialVersionUID = 1;

  private final Refusal refusal;

  RefusedCertificateException(Refusal refusal, String message, Throwable cause) {
    super(message, cause);
    this.refusal = refusal;
  }

  RefusedCertificateException(Refusal refusal, String message) {
    super(message);
    this.refusal = refusal;
  }

  /** The reason. */
  public Refusal refusal() {
    return refusal;
  }
}
