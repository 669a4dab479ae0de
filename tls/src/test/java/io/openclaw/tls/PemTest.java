package io.openclaw.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Keys in the forms that other programs write. */
class PemTest {
  private static final Path FILE = Path.of("some.key");

  private static byte[] text(String label, byte[] bytes) {
    return Pem.text(label, bytes).getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void rsa_keys_of_openssl_and_cert_manager_are_read() throws Exception {
    PrivateKey key = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
    byte[] pkcs8 = key.getEncoded();
    // The PKCS #1 form is what the octet string at the end of PKCS #8 holds: a SEQUENCE of 4-byte
    // head.
    int at = 22;
    while (!(pkcs8[at] == 0x30 && (pkcs8[at + 1] & 0xff) == 0x82)) {
      at++;
    }
    byte[] pkcs1 = Arrays.copyOfRange(pkcs8, at, pkcs8.length);
    assertThat(Pem.key(FILE, text("RSA PRIVATE KEY", pkcs1))).isEqualTo(key);
    assertThat(Pem.key(FILE, text("PRIVATE KEY", pkcs8))).isEqualTo(key);
  }

  @Test
  void ed25519_keys_are_read() throws Exception {
    PrivateKey key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
    assertThat(Pem.key(FILE, text("PRIVATE KEY", key.getEncoded())).getAlgorithm())
        .isEqualTo("EdDSA");
  }

  @Test
  void what_is_no_key_is_refused_by_its_file() {
    for (String wrong :
        new String[] {
          "",
          "hello",
          Pem.text("ENCRYPTED PRIVATE KEY", new byte[40]),
          Pem.text("PRIVATE KEY", new byte[40]),
          Pem.text("PRIVATE KEY", new byte[40]) + Pem.text("PRIVATE KEY", new byte[40]),
          "-----BEGIN PRIVATE KEY-----\n====\n-----END PRIVATE KEY-----\n"
        }) {
      assertThatThrownBy(() -> Pem.key(FILE, wrong.getBytes(StandardCharsets.US_ASCII)))
          .as(wrong)
          .isInstanceOf(BadCertificateFileException.class)
          .hasMessageStartingWith("some.key: ");
    }
  }

  @Test
  void der_values_are_as_x690_has_them() {
    assertThat(Der.oid("1.2.840.113549.1.1.1"))
        .containsExactly(0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1);
    assertThat(Der.integer(128)).containsExactly(2, 2, 0, 0x80);
    assertThat(Der.octets(new byte[200])).startsWith(4, 0x81, 200);
    assertThat(Der.octets(new byte[300])).startsWith(4, 0x82, 1, 44);
    assertThat(Der.time(java.time.Instant.parse("2049-12-31T23:59:59Z"))[0]).isEqualTo((byte) 0x17);
    assertThat(Der.time(java.time.Instant.parse("2050-01-01T00:00:00Z"))[0]).isEqualTo((byte) 0x18);
  }
}
