import io.openclaw.client.BatchResult;
import io.openclaw.client.BatchResults;
import io.openclaw.client.Hedge;
import io.openclaw.client.NoRegionException;
import io.openclaw.client.OpenClawClient;
import io.openclaw.client.ProblemException;
import io.openclaw.client.RateRequest;
import io.openclaw.client.RateResult;
import java.net.URI;
import java.time.Duration;
import java.util.stream.IntStream;

/** Rates a credit application, then a thousand of them: docs/client.md. */
final class Rate {
  static final String HELP =
      """
      Rates with the client library, in the nearest of the regions given:

        OPENCLAW_KEY=ock_… java -cp 'app/target/openclaw/lib/*' examples/client/java/Rate.java \\
          us-east-1=http://127.0.0.1:8081 eu-central-1=http://127.0.0.1:8082

      The key must be of a tenant that rates with credit-g.""";

  public static void main(String[] args) {
    String key = System.getenv("OPENCLAW_KEY");
    if (args.length == 0 || args[0].equals("--help") || key == null) {
      System.out.println(HELP);
      System.exit(args.length > 0 && args[0].equals("--help") ? 0 : 2);
    }
    var builder =
        OpenClawClient.builder()
            .apiKey(key)
            .timeout(Duration.ofSeconds(5))
            .hedge(Hedge.adaptive());
    for (String region : args) {
      String[] parts = region.split("=", 2);
      builder.region(parts[0], URI.create(parts[1]));
    }
    try (OpenClawClient client = builder.build()) {
      one(client);
      many(client);
      System.out.println(client.stats());
    }
  }

  static void one(OpenClawClient client) {
    RateRequest application =
        RateRequest.builder()
            .set("checking_status", "<0")
            .set("duration", 6)
            .set("credit_amount", 1169)
            .set("purpose", "radio/tv")
            .build();
    try {
      RateResult result = client.rate(application);
      System.out.println(
          result.rating() + " " + result.decision() + " by " + result.model() + " in " + result.region());
      client.rate(RateRequest.builder().set("duration", "six").build());
    } catch (ProblemException refused) {
      System.out.println("refused: " + refused.getMessage());
      refused.problem().errors().forEach(System.out::println);
    } catch (NoRegionException nobody) {
      System.out.println(nobody.tries());
    }
  }

  static void many(OpenClawClient client) {
    var inputs =
        IntStream.rangeClosed(1, 1000)
            .mapToObj(month -> RateRequest.builder().set("duration", month % 72 + 1).build());
    int rated = 0;
    int other = 0;
    try (BatchResults results = client.batch(inputs)) {
      while (results.hasNext()) {
        switch (results.next()) {
          case BatchResult.Rated each -> rated++;
          case BatchResult.Refused each -> other++;
          case BatchResult.Unanswered each -> other++;
        }
      }
    }
    System.out.println("batch: " + rated + " rated, " + other + " not");
  }
}
