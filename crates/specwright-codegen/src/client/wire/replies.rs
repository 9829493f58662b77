//! Reads replies whose type depends on their status.

use progenitor_client::{Error, ResponseValue};
use reqwest::Response;

/// A body of JSON, as `into` wraps it.
pub(super) async fn json<T: ::serde::de::DeserializeOwned, U, E>(
    response: Response,
    into: impl FnOnce(T) -> U,
) -> Result<ResponseValue<U>, Error<E>> {
    let value = ResponseValue::<T>::from_response(response).await?;
    let (status, headers) = (value.status(), value.headers().clone());
    Ok(ResponseValue::new(into(value.into_inner()), status, headers))
}

/// A body of text.
pub(super) async fn text<U, E>(
    response: Response,
    into: impl FnOnce(String) -> U,
) -> Result<ResponseValue<U>, Error<E>> {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.map_err(Error::ResponseBodyError)?;
    Ok(ResponseValue::new(into(text), status, headers))
}

/// A body of bytes, read whole.
pub(super) async fn bytes<U, E>(
    response: Response,
    into: impl FnOnce(Vec<u8>) -> U,
) -> Result<ResponseValue<U>, Error<E>> {
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.map_err(Error::ResponseBodyError)?;
    Ok(ResponseValue::new(into(bytes.to_vec()), status, headers))
}

/// No body.
pub(super) fn empty<U>(response: &Response, value: U) -> ResponseValue<U> {
    ResponseValue::new(value, response.status(), response.headers().clone())
}
