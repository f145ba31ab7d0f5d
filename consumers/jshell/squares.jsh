// jshell -R--add-opens=java.base/java.lang=ALL-UNNAMED -R--enable-native-access=ALL-UNNAMED --class-path 'lib/*' squares.jsh
import static dev.aioli.Asyncio.*;
import dev.aioli.sync.Semaphore;
import java.util.stream.IntStream;
var limit = new Semaphore(6);
System.out.println(run(() -> gather(IntStream.range(0, 12).mapToObj(n -> task(() -> {
  try (var permit = limit.acquire()) {
    sleep(java.time.Duration.ofMillis(1));
    return n * n;
  }
})).toList())));
/exit
