package io.openclaw.rating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ItemRecordTest {
  @Test
  void every_record_reads_back_as_it_was_written() {
    for (ItemRecord record :
        new ItemRecord[] {
          new ItemRecord.Scored("t/m/1:5:1/x", 5, 4, null, 1),
          new ItemRecord.Scored("t/m/1:5:1/ünï", 101, 100, "attempt", Integer.MAX_VALUE),
          new ItemRecord.Retracted("k", 5, 0, "attempt"),
          new ItemRecord.Remembered("k", 5, 0, "attempt", 3, true),
          new ItemRecord.Remembered("k", 5, 0, "attempt", 2, false)
        }) {
      assertThat(ItemRecord.decode(record.encode())).isEqualTo(record);
    }
    long[] vector = {0, 1, 127, 128, ItemCounts.COUNT_MAX, 0};
    assertThat(ItemRecord.decode(new ItemRecord.Counted("k", vector).encode()))
        .isInstanceOfSatisfying(
            ItemRecord.Counted.class, r -> assertThat(r.vector()).containsExactly(vector));
  }

  @Test
  void a_score_takes_few_bytes() {
    assertThat(new ItemRecord.Scored("default/items/1:5:1/product-123", 5, 4, null, 1).encode())
        .hasSizeLessThan(40);
  }

  @Test
  void broken_records_are_refused_and_nothing_else_happens() {
    byte[] good = new ItemRecord.Scored("t/m/x", 5, 4, "attempt", 2).encode();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> ItemRecord.decode(cut)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> ItemRecord.decode(Arrays.copyOf(good, good.length + 1)))
        .hasMessage("bytes after the end");
    assertThatThrownBy(() -> ItemRecord.decode(new byte[] {9, 1}))
        .hasMessage("record version: 9 (expected: 1)");
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      if (noise.length > 1) {
        noise[0] = 1;
        noise[1] = (byte) random.nextInt(6);
      }
      try {
        assertThat(ItemRecord.decode(noise)).isNotNull();
      } catch (IllegalArgumentException expected) {
        assertThat(expected).hasMessageNotContaining("null");
      }
    }
  }
}
