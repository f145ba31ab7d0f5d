package dev.aioli.benchmarks.jox

import com.softwaremill.jox.Channel
import com.softwaremill.jox.structured.Scope
import com.softwaremill.jox.structured.Scopes
import dev.aioli.benchmarks.worker.Heap
import dev.aioli.benchmarks.worker.Load
import dev.aioli.benchmarks.worker.Sample
import dev.aioli.benchmarks.worker.Worker
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import kotlin.concurrent.thread

/** Answers requests until the input ends: what Jox has, its channels and its scopes. */
fun main() {
  val worker = Worker("Jox, ${Worker.java()}")
  worker.add("spawn-await", ::spawnAwait)
  worker.add("spawn-many", ::spawnMany)
  worker.add("spawn-cancel", ::spawnCancel)
  worker.add("queue-1") { passed(it, Channel.newBufferedChannel(1)) }
  worker.add("queue-1024") { passed(it, Channel.newBufferedChannel(1024)) }
  worker.add("posts", ::posts)
  worker.add("parked", ::parked)
  worker.serve()
}

private fun <T> supervised(body: (Scope) -> T): T = Scopes.supervised<T> { scope -> body(scope) }

private fun spawnAwait(load: Load): Sample = supervised { scope ->
  val start = System.nanoTime()
  repeat(load.rounds) { scope.fork<Int> { 1 }.join() }
  Sample.since(start, load.rounds.toLong())
}

private fun spawnMany(load: Load): Sample = supervised { scope ->
  val start = System.nanoTime()
  repeat(load.rounds) {
    val forks = List(load.tasks) { scope.fork<Int> { 1 } }
    forks.forEach { it.join() }
  }
  Sample.since(start, load.operations())
}

private fun spawnCancel(load: Load): Sample = supervised { scope ->
  val start = System.nanoTime()
  repeat(load.rounds) {
    val here = CountDownLatch(load.tasks)
    val forks =
      List(load.tasks) {
        scope.forkCancellable<Int> {
          here.countDown()
          Thread.sleep(Long.MAX_VALUE)
          1
        }
      }
    here.await()
    forks.forEach { it.cancelNow() }
    // cancel() waits until the fork has ended; it fails with the interruption, which is expected
    forks.forEach { runCatching { it.cancel() } }
  }
  Sample.since(start, load.operations())
}

private fun passed(load: Load, channel: Channel<Int>): Sample = supervised { scope ->
  val here = CountDownLatch(load.tasks)
  val go = CountDownLatch(1)
  val forks =
    List(load.tasks) { index ->
      scope.fork<Unit> {
        descend(load.depth) {
          here.countDown()
          go.await()
          if (index % 2 == 0) {
            for (item in 0 until load.rounds) channel.send(item)
          } else {
            repeat(load.rounds) { channel.receive() }
          }
        }
      }
    }
  here.await()
  val start = System.nanoTime()
  go.countDown()
  forks.forEach { it.join() }
  Sample.since(start, load.operations() / 2)
}

private fun descend(frames: Int, body: () -> Unit): Int {
  if (frames == 0) {
    body()
    return 0
  }
  return descend(frames - 1, body) + 1
}

/** Another thread sends, a batch after the other: never more than two are under way. */
private fun posts(load: Load): Sample = supervised { scope ->
  val channel = Channel.newUnlimitedChannel<Int>()
  val batches = Semaphore(2)
  val start = System.nanoTime()
  val poster =
    thread {
      repeat(load.rounds) {
        batches.acquireUninterruptibly()
        for (i in 0 until load.tasks) channel.send(i)
      }
    }
  scope
    .fork<Unit> {
      for (received in 1..load.operations()) {
        channel.receive()
        if (received % load.tasks == 0L) batches.release()
      }
    }
    .join()
  val sample = Sample.since(start, load.operations())
  poster.join()
  sample
}

private fun parked(load: Load): Sample = supervised { scope ->
  val before = Heap.usedBytes()
  val start = System.nanoTime()
  val here = CountDownLatch(load.tasks)
  val end = CountDownLatch(1)
  val forks =
    List(load.tasks) {
      scope.fork<Unit> {
        here.countDown()
        end.await()
      }
    }
  here.await()
  val nanos = System.nanoTime() - start
  val bytes = Heap.usedBytes() - before
  end.countDown()
  forks.forEach { it.join() }
  Sample(load.tasks.toLong(), nanos, bytes)
}
