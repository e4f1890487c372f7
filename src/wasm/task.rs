//! Runs the future of a hook: at once, and again whenever the promise that it waits for has settled.
//!
//! `spawn_local` of wasm-bindgen-futures would do it too, in a queue with microtasks of its own. A first login
//! compiles that queue, some 0.3 ms of it, and nothing here needs its order.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    /// The tasks that wait, each with its number.
    static WAITING: RefCell<Vec<(u32, Task)>> = const { RefCell::new(Vec::new()) };
    /// The number of the last task.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Runs a future. It may wait for promises only: these never settle while it is polled.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let number = LAST.get().wrapping_add(1);
    LAST.set(number);
    poll(number, Box::pin(future));
}

fn poll(number: u32, mut task: Task) {
    let waker = Waker::from(Arc::new(Number(number)));
    if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        WAITING.with_borrow_mut(|waiting| waiting.push((number, task)));
    }
}

/// A task's number, to wake it by.
struct Number(u32);

impl Wake for Number {
    fn wake(self: Arc<Self>) {
        let task = WAITING.with_borrow_mut(|waiting| {
            let at = waiting.iter().position(|(number, _)| *number == self.0)?;
            Some(waiting.swap_remove(at).1)
        });
        if let Some(task) = task {
            poll(self.0, task);
        }
    }
}
