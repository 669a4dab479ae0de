package io.openclaw.tls;

import java.io.IOException;

/** Says which file of a certificate, a key or a trust is wrong, and what was expected. */
public final class BadCertificateFileException extends IOException {
  private static final long serialVersionUID = 1;

  BadCertificateFileException(String message) {
    super(message);
  }

  BadCertificateFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
