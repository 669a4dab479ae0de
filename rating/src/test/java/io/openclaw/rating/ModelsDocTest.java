package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every document that docs/models.md shows loads, and rates its samples. */
class ModelsDocTest {
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```json\\n(.*?)```");

  @Test
  void every_example_loads_and_rates_its_samples() throws Exception {
    Matcher found = EXAMPLE.matcher(Files.readString(Path.of("..", "docs", "models.md")));
    Set<String> kinds = new HashSet<>();
    while (found.find()) {
      byte[] json = found.group(1).getBytes(StandardCharsets.UTF_8);
      Json.Obj document = (Json.Obj) JsonReader.read(json);
      String kind = document.get("kind") instanceof Json.Str name ? name.value() : "";
      kinds.add(kind);
      if (kind.equals("items")) {
        assertThat(
                ItemsModel.load("m", "v", json, new ItemStore("a", FakeLog.fast()), "t/m").kind())
            .isEqualTo("items");
        continue;
      }
      RatingModel model = Examples.loadOrThrow(kind, json);
      List<Json.Obj> samples = Samples.of(json, kind);
      samples.forEach(sample -> Ratings.rate(model, sample));
      Ratings.rate(model, model.schema().example());
    }
    assertThat(kinds)
        .containsExactlyInAnyOrder("scorecard", "regression", "trees", "content", "items", "chain");
  }
}
