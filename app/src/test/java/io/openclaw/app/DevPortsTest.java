package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DevPortsTest {
  private static List<Integer> all(int base) {
    List<Integer> all = new ArrayList<>(List.of(base));
    for (int i = 1; i <= DevCommand.REGIONS.size(); i++) {
      DevPorts ports = new DevPorts(base, i);
      all.addAll(List.of(ports.service(), ports.metrics(), ports.admin(), ports.mesh()));
    }
    return all;
  }

  @Test
  void no_two_parts_of_a_fleet_share_a_port_and_all_are_ports() {
    for (int base : List.of(DevPorts.BASE_MIN, 8080, DevPorts.BASE_MAX)) {
      assertThat(all(base)).doesNotHaveDuplicates().hasSize(13);
      assertThat(all(base)).allMatch(port -> port >= 1024 && port <= 65_535);
    }
  }

  @Test
  void the_first_region_stands_where_the_help_says() {
    DevPorts ports = new DevPorts(8080, 1);
    assertThat(ports.url()).isEqualTo("http://127.0.0.1:8081");
    assertThat(ports.metricsUrl()).isEqualTo("http://127.0.0.1:8091/metrics");
    assertThat(ports.adminUrl()).isEqualTo("http://127.0.0.1:8101");
    assertThat(ports.mesh()).isEqualTo(8111);
  }
}
