package io.openclaw.edge;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A second level in memory. */
final class MemoryRatings implements SharedRatings {
  final Map<String, KeptRating> entries = new HashMap<>();
  int asked;

  @Override
  public CompletionStage<Optional<KeptRating>> find(RatingKey key) {
    asked++;
    return CompletableFuture.completedStage(Optional.ofNullable(entries.get(key.text())));
  }

  @Override
  public void keep(RatingKey key, KeptRating kept, int maxAgeSeconds) {
    entries.put(key.text(), kept);
  }
}
