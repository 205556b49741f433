-- The role that runs Atrium, made beside the owner of the tables; psql runs this once as the owner (a superuser in the
-- container of docker-compose.yml). On a managed server run it by hand: psql -v ON_ERROR_STOP=1 -f docs/roles.sql
\getenv password ATRIUM_DB_PASSWORD
CREATE ROLE atrium LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password';
ALTER ROLE atrium SET statement_timeout = '60s';
ALTER ROLE atrium SET lock_timeout = '10s';
ALTER ROLE atrium SET idle_in_transaction_session_timeout = '60s';
ALTER DEFAULT PRIVILEGES FOR ROLE atrium_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO atrium;
ALTER DEFAULT PRIVILEGES FOR ROLE atrium_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO atrium;
GRANT USAGE ON SCHEMA public TO atrium;
