#!/bin/bash
# Runs once, when the database's volume is empty: a role and a database for each program, and nobody in anybody else's.
# realtime has two roles: one owns and migrates, the other runs and can't change the ledger's rows.
set -euo pipefail

psql --username postgres --set ON_ERROR_STOP=1 \
  --set cms_password="$CMS_DB_PASSWORD" \
  --set commerce_password="$COMMERCE_DB_PASSWORD" \
  --set owner_password="$REALTIME_OWNER_DB_PASSWORD" \
  --set realtime_password="$REALTIME_DB_PASSWORD" \
  --set site_password="$SITE_DB_PASSWORD" <<'SQL'
create role cms login password :'cms_password';
create role commerce login password :'commerce_password';
create role realtime_owner login password :'owner_password';
create role realtime login password :'realtime_password';
create role site login password :'site_password';
create database cms owner cms;
create database commerce owner commerce;
create database realtime owner realtime_owner;
create database site owner site;
revoke all on database cms, commerce, realtime, site from public;
revoke connect on database postgres, template1 from public;
grant connect on database realtime to realtime;
\connect realtime
revoke all on schema public from public;
alter schema public owner to realtime_owner;
grant usage on schema public to realtime;
SQL
