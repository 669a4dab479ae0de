package io.openclaw.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a command believes. */
class ClientTlsTest {
  private static final int SERIAL_BYTES = 16;

  @TempDir Path folder = Path.of("");

  /** Draws the same serial numbers each time, and different keys. */
  private static final class SameSerials extends SecureRandom {
    private static final long serialVersionUID = 1;

    @Override
    public void nextBytes(byte[] bytes) {
      if (bytes.length == SERIAL_BYTES) {
        Arrays.fill(bytes, (byte) 7);
      } else {
        super.nextBytes(bytes);
      }
    }
  }

  @Test
  void two_authorities_with_the_same_serial_number_are_both_believed() throws Exception {
    StringBuilder both = new StringBuilder();
    for (String name : new String[] {"one", "two"}) {
      Path authority = folder.resolve(name);
      new AuthorityFolder(authority, new SameSerials()).init(Instant.now());
      both.append(Files.readString(authority.resolve("ca.crt")));
    }
    Path ca = Files.writeString(folder.resolve("ca.crt"), both);
    X509Certificate[] believed = ClientTls.trust(ca).getAcceptedIssuers();
    assertThat(believed).hasSize(2);
    assertThat(believed[0].getSerialNumber())
        .as("the case meant")
        .isEqualTo(believed[1].getSerialNumber());
  }
}
