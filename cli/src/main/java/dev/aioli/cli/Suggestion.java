package dev.aioli.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses what somebody meant who has mistyped a name. */
final class Suggestion {
  private Suggestion() {}

  /** The name that is most like a word, if any is like it. */
  static Optional<String> of(String word, Collection<String> names) {
    int most = Math.max(1, word.replace("-", "").length() / 3);
    return names.stream()
        .filter(name -> name.length() > 2)
        .filter(name -> distance(word, name) <= most || isBeginning(word, name))
        .min(
            Comparator.comparingInt((String name) -> distance(word, name))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static boolean isBeginning(String word, String name) {
    return word.replace("-", "").length() >= 3 && name.startsWith(word);
  }

  /** How many characters must be added, removed, changed or swapped with the next. */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        cost[i][j] =
            Math.min(cost[i - 1][j - 1] + change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
