package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.dns.Order;
import io.openclaw.dns.RegionRecords;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.YamlTree;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code openclaw dns} takes and refuses. */
class DnsConfigTest {
  private static final String REGIONS =
      "regions: {eu: {url: 'http://10.0.0.1:8080', addresses: [192.0.2.1]}}\n";

  @TempDir Path folder = Path.of("");

  @Test
  void the_example_of_the_document_is_a_configuration() throws Exception {
    String doc = Files.readString(Path.of("..", "docs", "dns.md"));
    int from = doc.indexOf("```yaml\n") + "```yaml\n".length();
    DnsConfig config = read(doc.substring(from, doc.indexOf("```", from)));
    assertThat(config.zone().name().toString()).isEqualTo("rate.example.com");
    assertThat(config.zone().servers().getLast().name().toString()).isEqualTo("ns2.example.net");
    assertThat(config.zone().regions().stream().map(RegionRecords::name))
        .containsExactly("eu", "us");
    assertThat(config.zone().regions().getFirst().nearest()).hasSize(2);
    assertThat(config.server().listen().toString()).contains("198.51.100.53:53");
    assertThat(config.urls().keySet()).containsExactly("eu", "us");
    assertThat(config.slip()).isEqualTo(2);
  }

  @Test
  void options_are_enough_and_lie_over_a_file() throws Exception {
    DnsOptions options = new DnsOptions();
    new CommandLine(options)
        .parseArgs(
            "--zone=rate.example",
            "--listen=127.0.0.1:5353",
            "--listen=[::1]:5353",
            "--region=eu=http://10.0.0.1:8080,192.0.2.1,2001:db8::1",
            "--region=us=http://10.1.0.1:8080,192.0.2.2",
            "--nearest=us=203.0.113.0/24,198.51.100.0/24",
            "--ttl=7",
            "--order=latency",
            "--status",
            "--rate-limit=0");
    DnsConfig config = options.read();
    assertThat(config.zone().ttlSeconds()).isEqualTo(7);
    assertThat(config.zone().order()).isEqualTo(Order.LATENCY);
    assertThat(config.zone().services()).containsExactly("@");
    assertThat(config.zone().regions().getFirst().addresses()).hasSize(2);
    assertThat(config.zone().regions().getLast().nearest()).hasSize(2);
    assertThat(config.zone().servers().getFirst().name().toString()).isEqualTo("ns1.rate.example");
    assertThat(config.zone().servers().getFirst().addresses()).as("where it listens").hasSize(2);
    assertThat(config.server().listen()).hasSize(2);
    assertThat(config.perSecond()).isZero();
    assertThat(config.zone().status()).isTrue();

    Path file = folder.resolve("dns.yaml");
    Files.writeString(file, "zone: other.example\nttlSeconds: 9\n" + REGIONS);
    DnsOptions over = new DnsOptions();
    new CommandLine(over).parseArgs("--config=" + file, "--zone=rate.example", "--answers=2");
    assertThat(over.read().zone().name().toString()).isEqualTo("rate.example");
    assertThat(over.read().zone().ttlSeconds()).isEqualTo(9);
    assertThat(over.read().zone().answers()).isEqualTo(2);
  }

  @Test
  void every_mistake_is_told_with_its_place_and_what_was_expected() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    zone: rate.example
                    listen: [localhost:53, "1.2.3.4:99999", "1.2.3", "fe80::1%eth0"]
                    ttlSeconds: 0
                    order: nearest
                    status: perhaps
                    colour: red
                    regions:
                      eu:
                        url: nowhere
                        addresses: [rate.example]
                        nearest: [203.0.113.1/24, 203.0.113.0]
                    """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("test.yaml:6:9: colour: unknown (expected: one of [answers, ")
        .hasMessageContaining("listen: localhost:53 (expected: like 0.0.0.0:53 or [::]:53)")
        .hasMessageContaining("listen: 1.2.3.4:99999 (expected: a port to 65535)")
        .hasMessageContaining("listen: 1.2.3 (expected:")
        .hasMessageContaining("listen: fe80::1%eth0 (expected:")
        .hasMessageContaining("ttlSeconds: 0 (expected: a whole number, 1 to 60)")
        .hasMessageContaining("order: nearest (expected: one of [weighted, latency, listed])")
        .hasMessageContaining("status: perhaps (expected: true or false)")
        .hasMessageContaining("regions.eu.url: nowhere (expected: like http://10.0.0.1:8080)")
        .hasMessageContaining("regions.eu.addresses: rate.example (expected: IPv4 or IPv6")
        .hasMessageContaining("203.0.113.1/24: network: bits are set after the first 24")
        .hasMessageContaining("regions.eu.nearest: 203.0.113.0 (expected: like 203.0.113.0/24")
        .hasMessageContaining("region eu: no address (expected: at least one)");
  }

  @Test
  void a_zone_without_a_name_or_regions_is_refused_and_so_is_a_bad_name_server() {
    assertThatThrownBy(() -> read(REGIONS)).hasMessageContaining("zone: name:");
    assertThatThrownBy(() -> read("zone: rate.example")).hasMessageContaining("regions: 0");
    assertThatThrownBy(() -> read("zone: rate.example\nnameServers: {ns1: [ns]}\n" + REGIONS))
        .hasMessageContaining("nameServers.ns1: ns (expected: IPv4 or IPv6 addresses)");
    assertThatThrownBy(() -> read("zone: rate.example\nnameServers: {'n s': []}\n" + REGIONS))
        .hasMessageContaining("name: n s");
  }

  @Test
  void beside_a_router_its_regions_are_probed_and_a_url_here_is_refused() throws Exception {
    assertThatThrownBy(() -> read("zone: rate.example\n" + REGIONS, false))
        .hasMessageContaining("regions.eu.url: (expected: none, --region of the router says it)");
    assertThat(read("zone: rate.example\nregions: {eu: {addresses: [192.0.2.1]}}", false).urls())
        .isEmpty();
  }

  private static DnsConfig read(String yaml) throws ConfigException {
    return read(yaml, true);
  }

  private static DnsConfig read(String yaml, boolean probes) throws ConfigException {
    return DnsConfigReader.read(YamlTree.parse("test.yaml", yaml), probes);
  }
}
