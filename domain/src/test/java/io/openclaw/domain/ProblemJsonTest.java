package io.openclaw.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProblemJsonTest {
  @Test
  void a_problem_has_its_members_in_order_and_no_errors_where_there_are_none() {
    Problem problem = Problem.of(ProblemType.NOT_FOUND, "no \"x\" here");
    assertThat(new String(ProblemJson.write(problem, "r-1"), UTF_8))
        .isEqualTo(
            "{\"type\":\"urn:openclaw:problem:not-found\",\"title\":\"There is nothing here\","
                + "\"status\":404,\"detail\":\"no \\\"x\\\" here\",\"request_id\":\"r-1\"}");
  }

  @Test
  void wrong_members_are_listed_before_the_problems_own_members() {
    Problem problem =
        Problem.of(
                ProblemType.INVALID_INPUT,
                "1 member is wrong",
                List.of(new Violation("/a~1b", "absent (expected: a number)")))
            .withMembers(new Json.Obj(Map.of("limit", new Json.Str("tenant"))));
    assertThat(new String(ProblemJson.write(problem, "r-2"), UTF_8))
        .endsWith(
            ",\"errors\":[{\"pointer\":\"/a~1b\",\"detail\":\"absent (expected: a number)\"}],"
                + "\"limit\":\"tenant\"}");
  }
}
