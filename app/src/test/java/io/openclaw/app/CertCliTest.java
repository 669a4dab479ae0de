package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.yaml.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code openclaw cert} as typed, and a node that serves with what it issued. */
final class CertCliTest {
  private static final int REFUSED = 2;

  @TempDir Path folder = Path.of("");

  private Ran cert(String... arguments) {
    List<String> all = new ArrayList<>(List.of("cert"));
    all.addAll(List.of(arguments));
    return Ran.command(all);
  }

  private String ca() {
    return folder.resolve("ca").toString();
  }

  private String at(String path) {
    return folder.resolve(path).toString();
  }

  private void issue(String... more) {
    List<String> all =
        new ArrayList<>(List.of("issue", "--dir", ca(), "--out", at("tls"), "--ip", "127.0.0.1"));
    all.addAll(List.of(more));
    assertThat(cert(all.toArray(new String[0])).code()).isZero();
  }

  private Map<Setting, String> adminTls() {
    return Map.of(
        Setting.ADMIN_TLS_CERT,
        at("tls/tls.crt"),
        Setting.ADMIN_TLS_KEY,
        at("tls/tls.key"),
        Setting.ADMIN_TLS_CLIENT_CA,
        at("tls/ca.crt"));
  }

  @Test
  void a_certificate_is_issued_shown_and_rotated() {
    assertThat(cert("init", "--dir", ca()).code()).isZero();
    Ran issued =
        cert(
            "issue",
            "--dir",
            ca(),
            "--region",
            "us-east-1",
            "--dns",
            "a.example.com",
            "--out",
            at("tls"));
    assertThat(issued.out())
        .contains("names    openclaw://region/us-east-1, a.example.com")
        .contains("issuer   CN=OpenClaw authority");
    assertThat(cert("rotate", "--dir", ca()).code()).isZero();
    issue("--router");
    Ran shown = cert("show", at("tls/tls.crt"), at("tls/ca.crt"));
    assertThat(shown.out())
        .contains(
            "tls.crt, certificate 2 of 2:", "openclaw://router", "ca.crt, certificate 2 of 2:");
    assertThat(cert("rotate", "--finish", "--dir", ca()).code()).isZero();
    assertThat(cert("rotate", "--finish", "--dir", ca()).err()).contains("previous.crt");
  }

  @Test
  void what_cannot_be_issued_is_refused_in_words() {
    cert("init", "--dir", ca());
    for (List<String> wrong :
        List.of(
            List.<String>of(),
            List.of("--region", "us east"),
            List.of("--region", "us", "--router"),
            List.of("--dns", "not a name"),
            List.of("--router", "--days", "0"),
            List.of("--router", "--days", "36500"))) {
      List<String> all = new ArrayList<>(List.of("issue", "--dir", ca(), "--out", at("x")));
      all.addAll(wrong);
      Ran ran = cert(all.toArray(new String[0]));
      assertThat(ran.code()).as("%s", wrong).isEqualTo(REFUSED);
      assertThat(ran.err()).contains("expected: ");
    }
    assertThat(Files.exists(folder.resolve("x"))).isFalse();
    assertThat(cert("issue", "--dir", ca(), "--out", at("x"), "--ip", "host").err())
        .contains("--ip: host");
  }

  @Test
  void a_node_is_administered_over_tls_by_who_has_a_certificate() throws Exception {
    cert("init", "--dir", ca());
    issue("--region", "local");
    try (TestNode node = TestNode.start(adminTls(), "")) {
      assertThat(node.node().adminUrl()).startsWith("https://");
      List<String> list =
          new ArrayList<>(
              List.of(
                  "key",
                  "list",
                  "--admin-url",
                  node.node().adminUrl(),
                  "--admin-key-file",
                  node.node().adminKeyFile().toString(),
                  "--admin-ca",
                  at("tls/ca.crt")));
      assertThat(Ran.command(list).code()).as("no certificate").isNotZero();
      list.addAll(
          List.of("--admin-cert", at("tls/tls.crt"), "--admin-cert-key", at("tls/tls.key")));
      Ran listed = Ran.command(list);
      assertThat(listed.code()).as(listed.err()).isZero();
      assertThat(listed.out()).contains("sample");
    }
  }

  @Test
  void certificates_that_do_not_do_stop_the_start() {
    cert("init", "--dir", ca());
    issue("--region", "local", "--days", "-1");
    assertThatThrownBy(() -> TestNode.start(adminTls(), "").close())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("admin.tls: ")
        .hasMessageContaining("expired at");
  }

  @Test
  void half_a_setting_is_refused() {
    assertThatThrownBy(
            () ->
                ConfigLoader.load(
                    true, List.of(), Map.of(), Map.of(Setting.HTTP_TLS_CERT, "tls.crt")))
        .hasMessageContaining("http.tls.key: missing (expected: with http.tls.cert)");
    assertThatThrownBy(
            () ->
                ConfigLoader.load(
                    true, List.of(), Map.of(), Map.of(Setting.ADMIN_TLS_CLIENT_CA, "ca.crt")))
        .hasMessageContaining("admin.tls.clientCa: no effect without admin.tls.cert");
  }

  @Test
  void server_names_are_read_from_the_file_with_their_places() throws Exception {
    Path file = folder.resolve("a.yaml");
    Files.writeString(
        file,
        """
        http:
          tls:
            cert: a.crt
            key: a.key
            names:
              - {name: "*.example.org", cert: b.crt, key: b.key}
        """);
    NodeConfig config = ConfigLoader.load(true, List.of(file), Map.of(), Map.of());
    assertThat(config.tlsNames()).hasSize(1);
    assertThat(config.tlsNames().getFirst().name()).isEqualTo("*.example.org");
    Files.writeString(
        file,
        """
        http:
          tls:
            cert: a.crt
            key: a.key
            certificate: c.crt
            names: [{name: "a b", cert: b.crt, key: b.key}, {name: a.org, kee: x}]
        """);
    assertThatThrownBy(() -> ConfigLoader.load(true, List.of(file), Map.of(), Map.of()))
        .hasMessageContaining("http.tls.certificate: unknown")
        .hasMessageContaining("http.tls.names: a b (expected")
        .hasMessageContaining("http.tls.names.kee: unknown");
  }

  @Test
  void server_names_without_a_certificate_are_refused_rather_than_served_in_clear_text()
      throws Exception {
    Path file = folder.resolve("a.yaml");
    Files.writeString(
        file,
        """
        http:
          tls:
            names: [{name: a.org, cert: a.crt, key: a.key}]
        """);
    assertThatThrownBy(() -> ConfigLoader.load(true, List.of(file), Map.of(), Map.of()))
        .hasMessageContaining("a.yaml:3:12: http.tls.names: no effect without http.tls.cert");
    Map<Setting, String> pair =
        Map.of(Setting.HTTP_TLS_CERT, "b.crt", Setting.HTTP_TLS_KEY, "b.key");
    assertThat(ConfigLoader.load(true, List.of(file), Map.of(), pair).tlsNames()).hasSize(1);
  }
}
