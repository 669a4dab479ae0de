package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ModelKindsTest {
  @Test
  void a_chain_finds_the_other_kinds() throws Exception {
    String json =
        "{'kind':'chain','stages':[{'name':'s','deadlineMillis':50,'model':{'kind':'regression',"
            + "'inputs':{'x':{'type':'number'}},'intercept':0,'terms':[{'field':'x','coefficient':1}]}}]}";
    RatingModel chain =
        new ModelKinds()
            .load("chain", new ModelSource("m", "v1", json.replace('\'', '"').getBytes(UTF_8)));
    assertThat(chain.kind()).isEqualTo("chain");
    assertThat(chain.schema().fields()).hasSize(1);
  }

  @Test
  void a_timer_runs_its_task_once_and_not_when_it_was_taken_back() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    AtomicBoolean takenBack = new AtomicBoolean();
    ModelKinds.after(200, () -> takenBack.set(true)).run();
    Runnable late = ModelKinds.after(1, ran::countDown);
    assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
    late.run();
    CountDownLatch later = new CountDownLatch(1);
    var _ = ModelKinds.after(400, later::countDown);
    assertThat(later.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(takenBack).isFalse();
  }

  @Test
  void a_text_is_rated_by_the_sample_tenants_content_and_default() throws Exception {
    try (TestNode node = TestNode.start(Map.of(), "");
        HttpClient client = HttpClient.newHttpClient()) {
      for (String tenant : List.of("content", "default")) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(URI.create(node.node().url() + "/v1/rate"))
                    .header("Content-Type", "application/json")
                    .header("Authorization", "Bearer " + node.key(tenant))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"content\":\"some text\"}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"model\":\"content\"", "\"rating\":");
      }
    }
  }
}
