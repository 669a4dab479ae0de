package io.openclaw.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.router.RouterBounds;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BoundsOptionsTest {
  private static RouterBounds bounds(String... options) {
    return CommandLine.populateCommand(new BoundsOptions(), options).bounds();
  }

  @Test
  void what_is_not_given_is_as_by_default() {
    assertThat(bounds()).isEqualTo(RouterBounds.defaults());
    assertThat(bounds("--bodies-max", "64"))
        .isEqualTo(RouterBounds.defaults().withBodiesBytes(64 << 20));
    assertThat(bounds("--connections-max", "500", "--bodies-max", "4096"))
        .isEqualTo(RouterBounds.defaults().withConnections(500).withBodiesBytes(4L << 30));
  }

  @Test
  void a_bound_of_nothing_is_refused() {
    assertThatThrownBy(() -> bounds("--connections-max", "0"))
        .hasMessage("--connections-max: 0 (expected: > 0)");
    assertThatThrownBy(() -> bounds("--bodies-max", "-1"))
        .hasMessage("--bodies-max: -1 (expected: > 0)");
  }
}
