//! A document of any size, for what is measured.

use serde_json::{Map, Value, json};

/// Alike operations, each with a schema of its own, and all with some that they share.
pub(crate) fn document(operations: usize) -> String {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for number in 0..operations {
        let problem = json!({"$ref": "#/components/responses/Problem"});
        let parameter = |name: &str, schema: Value, example: Value, required: bool| json!({"name": name, "in": "query", "required": required, "schema": schema, "example": example});
        let operation = json!({
            "operationId": format!("add_line_{number}"),
            "parameters": [
                parameter("count", json!({"type": "integer", "minimum": 1, "maximum": 100}), json!(10), true),
                parameter("unit", json!({"type": "string", "enum": ["piece", "box"]}), json!("box"), true),
            ],
            "requestBody": {"required": true, "content": {"application/json": {
                "schema": {"$ref": format!("#/components/schemas/Line{number}")},
                "example": {"article": format!("A-{number}"), "urgent": true},
            }}},
            "responses": {
                "200": {"description": "added", "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Added"},
                    "example": {"id": "l-1", "total": 12.5},
                }}},
                "400": problem.clone(), "401": problem.clone(), "404": problem,
            },
        });
        paths.insert(format!("/orders-{number}/lines"), json!({ "post": operation }));
        schemas.insert(format!("Line{number}"), json!({
            "type": "object", "required": ["article"],
            "properties": {"article": {"type": "string", "minLength": 1, "maxLength": 20}, "urgent": {"type": "boolean"}},
        }));
    }
    schemas.insert("Added".to_owned(), json!({
        "type": "object", "required": ["id", "total"], "properties": {"id": {"type": "string"}, "total": {"type": "number"}},
    }));
    schemas.insert(
        "Problem".to_owned(),
        json!({
            "type": "object", "required": ["code"], "properties": {"code": {"type": "string"}},
        }),
    );
    let problem = json!({"description": "refused", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "Orders", "version": "1"},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": problem},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    });
    document.to_string()
}
