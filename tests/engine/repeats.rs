//! What is kept of requests that may be sent again is forgotten in time.

use crate::harness::World;
use crate::rotation::rotate;
use sluis_engine::repeats::{KEPT_FOR_S, KeptAnswer, Known, Repeatable};

fn asked(world: &World) -> Repeatable {
    Repeatable {
        org: world.org.clone(),
        caller: "user ada@example.com".into(),
        key: "k".into(),
        fingerprint: "f".into(),
    }
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_and_then_forgotten() {
    let world = World::new().await;
    let request = asked(&world);
    let answer = KeptAnswer { status: 200, headers: Vec::new(), body: b"done".to_vec() };
    assert_eq!(world.engine.begin_repeatable(&request).await.unwrap(), Known::New);
    world.engine.keep_repeatable(&request, Some(&answer)).await.unwrap();
    world.clock.advance(KEPT_FOR_S - 1);
    assert_eq!(world.engine.forget_ended_sessions().await.unwrap(), 0);
    assert_eq!(world.engine.begin_repeatable(&request).await.unwrap(), Known::Answered(answer));
    world.clock.advance(2);
    assert_eq!(world.engine.forget_ended_sessions().await.unwrap(), 1);
    assert_eq!(world.engine.begin_repeatable(&request).await.unwrap(), Known::New);
}

#[tokio::test]
async fn an_answer_that_was_kept_is_there_after_a_change_of_keys_and_a_cut_off_one_is_told() {
    let world = World::new().await;
    let request = asked(&world);
    assert_eq!(world.engine.begin_repeatable(&request).await.unwrap(), Known::New);
    rotate(&world.engine, &world.org).await;
    assert_eq!(world.engine.begin_repeatable(&request).await.unwrap(), Known::UnderWay);
    world.clock.advance(3_600);
    assert_eq!(world.engine.begin_repeatable(&request).await.unwrap(), Known::CutOff);
    world.engine.keep_repeatable(&request, None).await.unwrap();
    assert_eq!(world.engine.begin_repeatable(&request).await.unwrap(), Known::NotKept);
}
