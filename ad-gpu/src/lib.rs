//! Differentiated kernels for GPUs.
//!
//! This crate is a place holder: it exports nothing yet. Kernels will be
//! written as plain functions under `#[kernel] #[autodiff(..)]`, and this crate
//! will hold the device layer and the launcher.
