package io.openclaw.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class PeersSettingsTest {
  @Test
  void addresses_are_read_from_text() {
    assertThat(PeersSettings.Address.parse("eu.example:7400"))
        .isEqualTo(new PeersSettings.Address("eu.example", 7400));
    assertThat(PeersSettings.Address.parse("[::1]:7400"))
        .isEqualTo(new PeersSettings.Address("::1", 7400));
    for (String wrong :
        new String[] {"", "host", "host:", ":7400", "host:0", "host:x", "::1:7400"}) {
      assertThatThrownBy(() -> PeersSettings.Address.parse(wrong))
          .hasMessage("peer: '" + wrong + "' (expected: host:port)");
    }
  }

  @Test
  void the_secret_is_bounded_and_never_shown() {
    String secret = "0123456789abcdef";
    PeersSettings settings = new PeersSettings("a", "127.0.0.1", 0, Map.of(), secret);
    assertThat(settings.toString()).doesNotContain(secret);
    for (String wrong : new String[] {"", "short", secret + " ", secret + "é", secret.repeat(33)}) {
      assertThatThrownBy(() -> new PeersSettings("a", "127.0.0.1", 0, Map.of(), wrong))
          .hasMessageStartingWith("mesh secret: " + wrong.length() + " characters")
          .hasMessageNotContaining(secret);
    }
  }
}
