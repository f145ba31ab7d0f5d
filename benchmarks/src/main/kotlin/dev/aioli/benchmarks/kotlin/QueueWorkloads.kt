package dev.aioli.benchmarks.kotlin

import dev.aioli.benchmarks.worker.Load
import dev.aioli.benchmarks.worker.Priorities
import dev.aioli.benchmarks.worker.Sample
import dev.aioli.benchmarks.worker.Worker
import java.util.PriorityQueue
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Semaphore

/** Queues. */
internal class QueueWorkloads(private val dispatcher: CoroutineContext) {
  fun addTo(worker: Worker) {
    worker.add("queue-1") { load -> Channel<Int>(1).let { passed(load, it::send, it::receive) } }
    worker.add("queue-1024") { load -> Channel<Int>(BOUND).let { passed(load, it::send, it::receive) } }
    worker.add("priority-queue") { load -> PriorityChannel(BOUND).let { passed(load, it::send, it::receive) } }
    worker.add("priority-queue-filled", ::filledAndEmptied)
  }

  private inline fun passed(
    load: Load,
    crossinline send: suspend (Int) -> Unit,
    crossinline receive: suspend () -> Int,
  ): Sample {
    val sample =
      measureCrew(load, dispatcher) { index ->
        if (index % 2 == 0) {
          val priorities = Priorities(index)
          repeat(load.rounds) { send(priorities.next()) }
        } else {
          repeat(load.rounds) { receive() }
        }
      }
    return Sample(sample.operations() / 2, sample.nanos(), 0)
  }

  private fun filledAndEmptied(load: Load): Sample =
    runBlocking(dispatcher) {
      val queue = PriorityChannel(load.tasks)
      val priorities = Priorities(1)
      val start = System.nanoTime()
      repeat(load.rounds) {
        repeat(load.tasks) { queue.send(priorities.next()) }
        repeat(load.tasks) { queue.receive() }
      }
      Sample.since(start, load.operations())
    }

  /** kotlinx.coroutines has none: a heap, and semaphores that count its items and its room. */
  private class PriorityChannel(bound: Int) {
    private val heap = PriorityQueue<Int>()
    private val items = Semaphore(bound, bound)
    private val room = Semaphore(bound)

    suspend fun send(item: Int) {
      room.acquire()
      synchronized(heap) { heap.add(item) }
      items.release()
    }

    suspend fun receive(): Int {
      items.acquire()
      val item = synchronized(heap) { heap.remove() }
      room.release()
      return item
    }
  }

  private companion object {
    const val BOUND = 1024
  }
}
